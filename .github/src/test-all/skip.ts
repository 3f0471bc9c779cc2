import type { Context } from "mocha"

/** Skips the test that runs or is about to, and says why, also where mocha runs files in parallel. */
export function skip(context: Context, reason: string): never {
  // Of what is known of a test, mocha passes this on to the process that reports.
  Object.assign(context.currentTest ?? context.test ?? {}, { err: new Error(reason) })
  return context.skip()
}
