import { type CommandOptions, readOptions, usage, UsageError } from "./cli/options.ts"
import { liveThrough } from "./cli/pool.ts"
import { Progress } from "./cli/progress.ts"
import { failureText, jsonReport, summaryText } from "./cli/report.ts"
import { Tally } from "./cli/tally.ts"
import type { Outcome } from "./outcome.ts"
import { planOf } from "./plan.ts"

// Lives through many seeds, or one; see cli/options.ts for what it can be told.

try {
  const options = readOptions(process.argv.slice(2))
  if (options === "help") process.stdout.write(usage)
  else process.exitCode = await simulate(options)
} catch (failure) {
  const isUsage = failure instanceof UsageError
  process.stderr.write(`${failure instanceof Error ? failure.message : String(failure)}\n`)
  if (isUsage) process.stderr.write("See --help.\n")
  process.exitCode = isUsage ? 2 : 1
}

async function simulate({
  first,
  count,
  wanted,
  trace,
  output,
  jobs,
}: CommandOptions): Promise<number> {
  const since = performance.now()
  const tally = new Tally()
  const failures: Outcome[] = []
  const progress = new Progress(count)
  const onOutcome = (outcome: Outcome): void => {
    tally.add(outcome)
    progress.clear()
    if (trace && output === "text") print(outcome.trace.join("\n"))
    if (outcome.found.length > 0) {
      failures.push(outcome)
      if (output === "text") print(failureText(outcome, wanted))
    }
    progress.show(tally)
  }
  const plans = Iterator.from(seeds(first, count)).map((seed) => planOf(seed, wanted))
  await liveThrough(plans, { jobs: Math.min(jobs, count), trace, onOutcome })
  progress.clear()
  print(
    output === "json"
      ? jsonReport(tally, failures, wanted)
      : summaryText(tally, performance.now() - since),
  )
  return failures.length === 0 ? 0 : 1
}

function* seeds(first: number, count: number): Generator<number> {
  for (let at = 0; at < count; at++) yield first + at
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
