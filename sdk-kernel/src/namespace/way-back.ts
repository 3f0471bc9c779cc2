import { writeSync } from "node:fs"
import { isMainThread } from "node:worker_threads"
import { errnoText } from "../ffi/errno.ts"
import { checked, CLONE_NEWNET, lastErrno, libc } from "../ffi/libc.ts"

/**
 * Throws where this thread could leave its namespace but not come back, as inside a user namespace
 * that has not got a network namespace of its own.
 */
export function checkWayBack(home: number, doing: string): void {
  checked(libc.setns(home, CLONE_NEWNET), {
    doing: `${doing}: come back after`,
    needs: "CAP_SYS_ADMIN over the namespace that this process is in",
  })
}

/**
 * Puts this thread back into the namespace that it came from, or ends the process: in a namespace
 * that it does not know of it would do anything to anyone.
 */
export function leaveTo(home: number, from: string): void {
  if (libc.setns(home, CLONE_NEWNET) === 0) return
  const reason = errnoText(lastErrno())
  writeSync(2, `fatal: the way back from network namespace ${from} failed: ${reason}; aborting\n`)
  if (isMainThread) process.abort()
  // Node lets no other thread do that. Nothing is done here any more until the signal comes.
  process.kill(process.pid, "SIGABRT")
  for (;;);
}
