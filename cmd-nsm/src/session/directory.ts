import { rm } from "node:fs/promises"
import { tmpdir, userInfo } from "node:os"
import { basename, join } from "node:path"
import { socketPath } from "./socket-path.ts"

/** The folder of one playground: its record, control socket, daemons' sockets and logs. */
export interface SessionDirectory {
  readonly name: string
  readonly path: string
  /** Socket on which the playground takes commands. */
  readonly controlSocket: string
}

/** Names the folder of a playground of this user. Short, because the paths of sockets are. */
export function sessionDirectory(name: string): SessionDirectory {
  return directoryAt(join(sessionsPath(), name))
}

/** The folder at a path: inside a user namespace, whose user is another, only the path says it. */
export function directoryAt(path: string): SessionDirectory {
  return { name: basename(path), path, controlSocket: socketPath(path, "control.sock") }
}

/** Where the folders of all playgrounds of this user are. */
export function sessionsPath(): string {
  return join(tmpdir(), `nsm-${userInfo().uid}`)
}

/** Removes the folder with all that is in it. */
export async function removeDirectory({ path }: SessionDirectory): Promise<void> {
  await rm(path, { recursive: true, force: true })
}
