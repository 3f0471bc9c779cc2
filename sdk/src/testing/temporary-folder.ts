import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** A folder that goes when it is disposed. Its path is short, because unix sockets lie in it. */
export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string
  /** The URL of a unix socket in it. */
  socket(name: string): string
}

/** Makes a folder for the time of a test. */
export async function temporaryFolder(): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), "nsm-"))
  return {
    path,
    socket: (name) => `unix://${join(path, name)}`,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  }
}
