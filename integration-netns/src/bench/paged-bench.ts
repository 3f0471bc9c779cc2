import type { BenchContext } from "./bench.ts"
import type { Run } from "./page.ts"
import type { Row } from "./row.ts"

/** What came of a benchmark that has a page of its own. */
export interface PagedResult {
  readonly rows: readonly Row[]
  readonly page: (run: Run) => string
}

/** A benchmark that is too long to be one of all: it runs when it is named, and has its own page. */
export interface PagedBench {
  /** Its page, in this package's folder of documents. */
  readonly file: string
  measure(context: BenchContext): Promise<PagedResult>
}
