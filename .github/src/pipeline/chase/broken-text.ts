import { tagOf } from "../releases.ts"
import { branchOf } from "../update.ts"
import { hasPassed } from "./blame.ts"
import { failureIn } from "./failure.ts"
import type { Blamed } from "./issue-text.ts"
import { code, fenced, listed } from "./markdown.ts"

/** What fails in a dependent, and the commands that show it. */
export function brokenText({ update, commit, cause }: Blamed): string {
  const { dependent, moves } = update
  const { step = "", log = "" } = cause.findings.failed ?? {}
  const { title, part } = failureIn(log)
  const brought = moves.map(({ link, to }) => `\`${tagOf(link.name, to)}\``)
  const withouts = cause.suspects.map(({ name, from, without }) => {
    const { failed } = without
    const found = failed
      ? `${hasPassed(without, step) ? `${step} passes, ` : ""}${failed.step} fails`
      : "green"
    return `- with \`${tagOf(name, from)}\` instead: ${found}`
  })
  return [
    `### What fails in ${dependent.folder}`,
    `\`${branchOf(update)}\` brings ${listed(brought)}. Checked alone, twice, its **${step}** fails:`,
    `> ${code(title)}`,
    fenced(part),
    withouts.join("\n"),
    `See it red, then green:`,
    fenced(commandsFor({ update, commit, cause }).join("\n"), "sh"),
  ].join("\n\n")
}

/** The same in one line. */
export function brokenLine({ update, cause }: Blamed): string {
  const { step = "", log = "" } = cause.findings.failed ?? {}
  return `- \`${branchOf(update)}\`: **${step}** fails: ${code(failureIn(log).title)}`
}

function commandsFor({ update, commit, cause }: Blamed): readonly string[] {
  const { folder } = update.dependent
  const check = (others: readonly (readonly [name: string, at: string])[]): string => {
    const instead = others.map(([name, at]) => ` --instead ${name}=${at}`)
    return `npm run pipeline -- alone ${folder} --commit ${commit.slice(0, 12)}${instead.join("")}`
  }
  const held = cause.held.map(({ name, from }) => [name, tagOf(name, from)] as const)
  const red = cause.suspects.map(({ name, to, commits }) => {
    return [name, commits.at(-1)?.slice(0, 12) ?? tagOf(name, to)] as const
  })
  const [first] = cause.suspects
  if (!first) return [check(held)]
  const before =
    first.commits[0] === undefined
      ? tagOf(first.name, first.from)
      : `${first.commits[0].slice(0, 12)}^`
  return [check([...held, ...red]), check([...held, ...red.slice(1), [first.name, before]])]
}
