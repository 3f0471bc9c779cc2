import { writeFileSync } from "node:fs"
import { reporters, type MochaOptions, type Runner, type Test } from "mocha"
import type { Outcome, Skipped } from "./outcome.ts"

/** How the tests of one subject went. */
interface Tally {
  passed: number
  failed: number
  skipped: number
  ms: number
}

/** A test that takes longer is shown by itself. */
const slowMs = 1000

const { Base } = reporters

/**
 * Prints a line per subject, then what failed in full, and writes the outcome to a file.
 * A test says why it is skipped: `this["skipReason"] = "needs root"` before `this.skip()`; where mocha
 * runs files in parallel only what `skip` says arrives here.
 */
// oxlint-disable-next-line import/no-default-export -- mocha takes a reporter from there only
export default class OutcomeReporter extends Base {
  readonly #skipped: Skipped[] = []
  /** By the title of a subject, until it has ended. */
  readonly #tallies = new Map<string, Tally>()

  constructor(runner: Runner, options: MochaOptions) {
    super(runner, options)
    const { outcome, graceMs } = options.reporterOptions as { outcome: string; graceMs: string }
    runner.on("pass", (test) => {
      this.#count(test, "passed")
      if ((test.duration ?? 0) > slowMs) print(`  ${test.fullTitle()}, ${test.duration} ms`)
    })
    runner.on("fail", (test) => this.#count(test, "failed"))
    runner.on("suite end", (suite) => {
      const tally = this.#tallies.get(suite.title)
      if (!tally || suite.fullTitle() !== suite.title) return
      this.#tallies.delete(suite.title)
      print(subjectLine(suite.title, tally))
    })
    runner.on("pending", (test) => {
      this.#count(test, "skipped")
      this.#skipped.push({ title: test.fullTitle(), reason: skipReason(test) })
    })
    runner.once("end", () => {
      if (this.failures.length > 0) Base.list(this.failures)
      this.#write(outcome)
      setTimeout(() => this.#endAnyway(outcome), Number(graceMs)).unref()
    })
  }

  #count(test: Test, how: keyof Omit<Tally, "ms">): void {
    const [subject = ""] = test.titlePath()
    const tally = this.#tallies.get(subject) ?? { passed: 0, failed: 0, skipped: 0, ms: 0 }
    tally[how] += 1
    tally.ms += test.duration ?? 0
    this.#tallies.set(subject, tally)
  }

  /** The event loop is still alive: something was left open. Says what, and ends. */
  #endAnyway(outcome: string): void {
    const open = [...new Set(process.getActiveResourcesInfo())].join(", ")
    const failure = `the tests ended but something is left open: ${open}`
    print(`✖ ${failure}`)
    this.#write(outcome, [failure])
    process.exit(1)
  }

  #write(file: string, more: readonly string[] = []): void {
    const failed = [...this.failures.map((test) => test.fullTitle()), ...more]
    const outcome: Outcome = { passed: this.stats.passes, failed, skipped: this.#skipped }
    writeFileSync(file, JSON.stringify(outcome))
  }
}

function print(line: string): void {
  process.stdout.write(`  ${line}\n`)
}

function skipReason({ fn, ctx, err }: Test): string {
  if (err) return err.message
  if (!fn) return "to be written"
  const reason: unknown = ctx?.["skipReason"]
  return typeof reason === "string" ? reason : "no reason given"
}

function subjectLine(title: string, { passed, failed, skipped, ms }: Tally): string {
  return [
    `${failed > 0 ? "✖" : "✔"} ${title}: ${passed} passed`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    `${ms} ms`,
  ].join(", ")
}
