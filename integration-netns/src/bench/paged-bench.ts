import type { BenchContext } from "./bench.ts"
import type { Run } from "./page.ts"
import type { Row } from "./row.ts"

/** What came of a benchmark that has a page of its own. */
export interface PagedResult {
  readonly rows: readonly Row[]
  readonly page: (run: Run) => string
}

/** A benchmark that is not one of all in the table: it has a page of its own. */
export interface PagedBench {
  /** Where its page lies. */
  readonly file: URL
  measure(context: BenchContext): Promise<PagedResult>
}
