import type { Tally } from "./tally.ts"

/** How far it is: one line that changes on a terminal, a line now and then elsewhere. */
export class Progress {
  readonly #total: number
  readonly #isTerminal: boolean
  readonly #since = performance.now()
  #shown = 0

  constructor(total: number) {
    this.#total = total
    this.#isTerminal = process.stderr.isTTY
  }

  show(tally: Tally): void {
    const tenth = Math.floor((10 * tally.done) / this.#total)
    if (!this.#isTerminal && (tenth === this.#shown || this.#total < 10)) return
    this.#shown = tenth
    const spent = (performance.now() - this.#since) / 1000
    const left = Math.round((spent / tally.done) * (this.#total - tally.done))
    const text =
      `${tally.done}/${this.#total} seeds, ${tally.failed.length} failed, ` +
      `${(tally.virtualMs / 3_600_000).toFixed(1)} h of virtual time, ${left} s left`
    process.stderr.write(this.#isTerminal ? `\r\u001B[K${text}` : `${text}\n`)
  }

  /** Makes place for other lines. */
  clear(): void {
    if (this.#isTerminal) process.stderr.write("\r\u001B[K")
  }
}
