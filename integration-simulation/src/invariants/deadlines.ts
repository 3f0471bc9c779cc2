import { bounds } from "../bounds.ts"
import type { Invariant } from "./invariant.ts"

/** Every call ends by its time limit at who made it, and soon after at the hops. */
export function deadlines(): Invariant {
  return {
    name: "every request ends within its deadline",
    *look({ world: { books, clock } }) {
      for (const { hop, what, connectionId: connection, endsBy } of books.open) {
        const late = clock.now() - endsBy - bounds.afterDeadlineMs
        if (late <= 0) continue
        const over = late + bounds.afterDeadlineMs
        yield { connection, hop, text: `a ${what} goes on ${over} ms after its time limit` }
      }
    },
  }
}
