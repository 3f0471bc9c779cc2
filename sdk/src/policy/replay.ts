import { NsmError } from "../core/errors.ts"
import { denial, failure } from "./denial.ts"
import type { Policy } from "./policy.ts"
import { type PolicyRecord, questionFrom } from "./record.ts"

/** What policies say to a record. */
export type ReplayedVerdict = Pick<PolicyRecord, "verdict" | "why">

/** Asks policies again what was asked in a record, at the time of the record. */
export async function replay(
  record: PolicyRecord,
  policies: readonly Policy[],
): Promise<ReplayedVerdict> {
  const question = questionFrom(record)
  for (const policy of policies) {
    try {
      const verdict = await policy.evaluate(question)
      if (!verdict.isAllowed) return { verdict: "denied", why: denial(policy, verdict).text }
    } catch (thrown) {
      return { verdict: "failed", why: failure(policy, thrown).text }
    }
  }
  return { verdict: "allowed" }
}

/** Reads a recording, one record in each line. Fails with INVALID_CONFIGURATION that names the line. */
export function parseRecording(text: string): readonly PolicyRecord[] {
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return []
    const record = parsed(line)
    if (isRecord(record)) return record
    throw new NsmError(
      "INVALID_CONFIGURATION",
      `line ${index + 1} is no record of NSM_POLICY_RECORD, or of another version`,
    )
  })
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is PolicyRecord {
  if (typeof value !== "object" || value === null) return false
  const { version, time, point, verdict, input, signedByPeer } = value as Partial<PolicyRecord>
  return (
    version === 1 &&
    !Number.isNaN(Date.parse(time ?? "")) &&
    typeof point === "string" &&
    typeof verdict === "string" &&
    typeof input?.auth_info === "object" &&
    Array.isArray(signedByPeer)
  )
}
