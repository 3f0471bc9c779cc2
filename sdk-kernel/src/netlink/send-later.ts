import { NsmError } from "@nsm/sdk"
import { errnoError } from "../ffi/errno.ts"
import { lastErrno, libc } from "../ffi/libc.ts"
import { Turns } from "../ffi/turns.ts"

// The threads are the process's, and so is the queue for them: calls beyond the number of threads
// would each hold a quarter of a megabyte while they wait.
const threads = new Turns(4)

/** Sends on another thread. */
export function sendLater(fd: number, bytes: Uint8Array, where: string): Promise<void> {
  return threads.take(
    () =>
      new Promise<void>((resolve, reject) => {
        libc.send.async(fd, bytes, bytes.length, 0, (failure: unknown, sent) => {
          if (failure) reject(NsmError.from(failure))
          else if (sent < 0) reject(errnoError(lastErrno(), { doing: `ask ${where}` }))
          else resolve()
        })
      }),
  )
}
