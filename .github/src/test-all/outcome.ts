/** A test that did not run, and why. */
export interface Skipped {
  readonly title: string
  readonly reason: string
}

/** How the tests of a package went. */
export interface Outcome {
  readonly passed: number
  /** Titles of what failed. */
  readonly failed: readonly string[]
  readonly skipped: readonly Skipped[]
}

/** How a package went, and how long it took. */
export interface PackageOutcome extends Outcome {
  readonly folder: string
  readonly ms: number
}

/** The last line: all packages added up. */
export function totals(outcomes: readonly Outcome[]): string {
  const sum = (count: (one: Outcome) => number): number =>
    outcomes.reduce((total, one) => total + count(one), 0)
  const passed = sum((one) => one.passed)
  const failed = sum((one) => one.failed.length)
  const skipped = sum((one) => one.skipped.length)
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}

/** Whether anything went wrong. */
export function hasFailed(outcomes: readonly Outcome[]): boolean {
  return outcomes.some(({ failed }) => failed.length > 0)
}

/** What to read when all has run: time per package, what was skipped and why, what failed, totals. */
export function report(outcomes: readonly PackageOutcome[]): string {
  const width = Math.max(0, ...outcomes.map(({ folder }) => folder.length))
  return [
    "",
    ...outcomes.map((one) => `${one.folder.padEnd(width)}  ${seconds(one.ms)}  ${totals([one])}`),
    ...listed("Skipped", outcomes.flatMap(skippedLines)),
    ...listed(
      "Failed",
      outcomes.flatMap(({ folder, failed }) => failed.map((title) => `${folder}: ${title}`)),
    ),
    "",
    totals(outcomes),
    "",
  ].join("\n")
}

/** Each reason once, with what it kept from running. */
function skippedLines({ folder, skipped }: PackageOutcome): readonly string[] {
  return [...Map.groupBy(skipped, ({ reason }) => reason)].flatMap(([reason, tests]) => [
    `${folder}: ${reason}`,
    ...tests.map(({ title }) => `  ${title}`),
  ])
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`.padStart(8)
}

function listed(heading: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ["", `${heading}:`, ...lines.map((line) => `  ${line}`)]
}
