import { NsmError, rootCause } from "../core/errors.ts"

/** An error as one line for a person: what failed, at the root because of what, and what to do. */
export function explainError(failure: unknown): string {
  const error = NsmError.from(failure)
  const root = rootCause(error)
  const because = root === error ? "" : ` because of ${root.message}`
  return `${error.message}${because} (${root.remedy})`
}
