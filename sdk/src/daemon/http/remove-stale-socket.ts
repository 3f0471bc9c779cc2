import { unlink } from "node:fs/promises"
import { connect } from "node:net"

/** Removes a unix socket that nobody listens on any more; leaves a live one, and other files. */
export async function removeStaleSocket(path: string): Promise<void> {
  const isStale = await new Promise<boolean>((resolve) => {
    const probe = connect(path)
      .once("connect", () => {
        probe.destroy()
        resolve(false)
      })
      .once("error", ({ code }: NodeJS.ErrnoException) => resolve(code === "ECONNREFUSED"))
  })
  if (isStale) await unlink(path)
}
