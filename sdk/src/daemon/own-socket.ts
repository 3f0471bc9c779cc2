import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** Where an endpoint listens; a folder of its own goes with it. */
export interface OwnSocket extends AsyncDisposable {
  readonly url: string
}

/** The URL that was asked for, or one in a new folder. */
export async function ownSocket(url: string | undefined): Promise<OwnSocket> {
  if (url !== undefined) return { url, [Symbol.asyncDispose]: async () => {} }
  const folder = await mkdtemp(join(tmpdir(), "nse-"))
  return {
    url: `unix://${folder}/listen.on`,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
