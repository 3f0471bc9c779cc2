import { lstat, unlink } from "node:fs/promises"
import { connect } from "node:net"

/** Removes a unix socket that nobody listens on any more; leaves a live one, and other files. */
export async function removeStaleSocket(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined)
  // A plain file refuses connections just like a stale socket.
  if (found?.isSocket() && (await refuses(path))) await unlink(path)
}

function refuses(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path)
      .once("connect", () => {
        probe.destroy()
        resolve(false)
      })
      .once("error", ({ code }: NodeJS.ErrnoException) => resolve(code === "ECONNREFUSED"))
  })
}
