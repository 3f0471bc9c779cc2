import { writeFile } from "node:fs/promises"
import { workloadApi } from "@nsm/sdk"
import { checks } from "./checks.ts"
import { type Credentials, credentialsOf } from "./credentials.ts"
import { type CommandOptions, readOptions, usage, UsageError } from "./options.ts"
import { examine } from "./result.ts"
import { strangerTo } from "./stranger.ts"
import { Subject } from "./subject.ts"
import { jsonReport, listOfChecks, markdownReport, terminalReport } from "./table.ts"

// Checks whoever listens at an address; see options.ts for what it can be told.

/** Longest that an agent may take to say who this process is. */
const identityLimitMs = 10_000

try {
  const options = readOptions(process.argv.slice(2), process.env)
  if (options === "help") print(usage)
  else if (options === "list") print(listOfChecks())
  else process.exitCode = await check(options)
} catch (failure) {
  const isUsage = failure instanceof UsageError
  const message = failure instanceof Error ? failure.message : String(failure)
  process.stderr.write(`${message}\n${isUsage ? "See --help.\n" : ""}`)
  process.exitCode = isUsage ? 2 : 1
}

async function check({
  spiffeSocket,
  otherSpiffeSocket,
  only,
  json,
  markdown,
  ...options
}: CommandOptions): Promise<number> {
  const as = await identityFrom(spiffeSocket)
  const other = otherSpiffeSocket === undefined ? undefined : await identityFrom(otherSpiffeSocket)
  const stranger = await strangerTo(as)
  using subject = await Subject.at({ ...options, as, other, stranger })
  const wanted = checks.filter(
    ({ id }) => only.length === 0 || only.some((prefix) => id.startsWith(prefix)),
  )
  const report = await examine(subject, wanted)
  print(terminalReport(report))
  if (json !== undefined) await writeFile(json, jsonReport(report))
  if (markdown !== undefined) await writeFile(markdown, markdownReport(report))
  return report.results.some(({ verdict }) => verdict === "fail") ? 1 : 0
}

async function identityFrom(url: string): Promise<Credentials> {
  await using source = workloadApi({ url })
  return credentialsOf(await source.first(AbortSignal.timeout(identityLimitMs)))
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
