import { styleText } from "node:util"
import type { Outcome } from "../outcome.ts"
import type { Wanted } from "../plan.ts"
import { stamp } from "../world/trace.ts"
import { replayCommand } from "./replay.ts"
import type { Tally } from "./tally.ts"

/** At most so many violations of a seed are told; the first leads to the cause. */
const mostTold = 5

/** What failed in a seed, and the command that replays it. */
export function failureText({ plan, found }: Outcome, wanted: Wanted): string {
  const lines = found.slice(0, mostTold).map(({ invariant, at, text, ...place }) => {
    const where = [place.connection && `connection ${place.connection}`, `at ${place.hop}`]
    return `  ${invariant}\n    ${stamp(at)} ${where.filter(Boolean).join(" ")}, seed ${plan.seed}: ${text}`
  })
  const more = found.length > mostTold ? [`  and ${found.length - mostTold} more`] : []
  const title = red(`seed ${plan.seed} failed`)
  return [title, ...lines, ...more, `  ${replayCommand(plan.seed, wanted)}`].join("\n")
}

/** One line about all seeds. */
export function summaryText(tally: Tally, ms: number): string {
  const { passed, failed, connections, requests, faults, virtualMs, recoveryMs, done } = tally
  const verdict =
    failed.length === 0
      ? green(`${passed} of ${done} seeds passed`)
      : red(`${failed.length} of ${done} seeds failed: ${failed.join(", ")}`)
  const hours = (virtualMs / 3_600_000).toFixed(1)
  return (
    `${verdict}; ${connections} connections, ${requests} requests and ${faults} faults, ` +
    `all wires back ${(recoveryMs / 1000).toFixed(1)} s after the last fault at the latest, ` +
    `in ${hours} h of virtual time, ${Math.round(ms / 1000)} s of ours`
  )
}

/** Everything as one JSON document. */
export function jsonReport(tally: Tally, failures: readonly Outcome[], wanted: Wanted): string {
  const { passed, connections, requests, faults, recoveryMs, virtualMs, struck } = tally
  const failed = failures.map(({ plan, found, trace }) => ({
    ...{ seed: plan.seed, replay: replayCommand(plan.seed, wanted), plan, violations: found },
    ...(trace.length > 0 && { trace }),
  }))
  const sums = {
    connections,
    requests,
    faults,
    recoveryMs,
    virtualMs,
    struck: Object.fromEntries(struck),
  }
  return JSON.stringify({ passed, failed, ...sums }, undefined, 2)
}

function red(text: string): string {
  return styleText("red", text, { stream: process.stdout })
}

function green(text: string): string {
  return styleText("green", text, { stream: process.stdout })
}
