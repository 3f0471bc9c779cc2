import { writeSync } from "node:fs"
import { errnoText } from "../ffi/errno.ts"
import { CLONE_NEWNET, lastErrno, libc } from "../ffi/libc.ts"

/**
 * Puts this thread back into the namespace that it came from, or ends the process: in a namespace
 * that it does not know of it would do anything to anyone.
 */
export function leaveTo(home: number, from: string): void {
  if (libc.setns(home, CLONE_NEWNET) === 0) return
  const reason = errnoText(lastErrno())
  writeSync(2, `fatal: the way back from network namespace ${from} failed: ${reason}; aborting\n`)
  process.abort()
}
