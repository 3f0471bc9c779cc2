import { writeFileSync } from "node:fs"
import { reporters, type MochaOptions, type Runner, type Suite, type Test } from "mocha"
import type { Outcome, Skipped } from "./outcome.ts"

/** A test that takes longer is shown by itself. */
const slowMs = 1000

const { Base } = reporters

/**
 * Prints a line per subject, then what failed in full, and writes the outcome to a file.
 * A test says why it is skipped: `this["skipReason"] = "needs root"` before `this.skip()`.
 */
// oxlint-disable-next-line import/no-default-export -- mocha takes a reporter from there only
export default class OutcomeReporter extends Base {
  readonly #skipped: Skipped[] = []

  constructor(runner: Runner, options: MochaOptions) {
    super(runner, options)
    const { outcome, graceMs } = options.reporterOptions as { outcome: string; graceMs: string }
    runner.on("pass", (test) => {
      if ((test.duration ?? 0) > slowMs) print(`  ${test.fullTitle()}, ${test.duration} ms`)
    })
    runner.on("suite end", (suite) => {
      if (suite.parent?.root) print(subjectLine(suite))
    })
    runner.on("pending", (test) => {
      this.#skipped.push({ title: test.fullTitle(), reason: skipReason(test) })
    })
    runner.once("end", () => {
      if (this.failures.length > 0) Base.list(this.failures)
      this.#write(outcome)
      setTimeout(() => this.#endAnyway(outcome), Number(graceMs)).unref()
    })
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

function skipReason(test: Test): string {
  if (!test.fn) return "to be written"
  const reason: unknown = test.ctx?.["skipReason"]
  return typeof reason === "string" ? reason : "no reason given"
}

function subjectLine(suite: Suite): string {
  const tests = allTests(suite)
  const count = (state: string): number => tests.filter((test) => test.state === state).length
  const failed = count("failed")
  const skipped = tests.length - failed - count("passed")
  const ms = tests.reduce((total, { duration = 0 }) => total + duration, 0)
  return [
    `${failed > 0 ? "✖" : "✔"} ${suite.title}: ${count("passed")} passed`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    `${ms} ms`,
  ].join(", ")
}

function allTests(suite: Suite): readonly Test[] {
  return [...suite.tests, ...suite.suites.flatMap((inner) => allTests(inner))]
}
