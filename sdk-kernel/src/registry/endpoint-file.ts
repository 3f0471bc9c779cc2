import { type HeldFile, inodeUrlAt, isHeldHere } from "../descriptors/held-file.ts"

/** The socket of an endpoint that was received, with the URL by which this process dials it. */
export interface EndpointFile {
  readonly file: HeldFile
  readonly url: string
}

/**
 * Gives received sockets URLs of their own, with which nothing else is dialled: a descriptor's number is
 * soon used again. `unix:///proc/<pid>/fd/<number>#<count>@<device>/<inode>`
 */
export function endpointFiles(): (file: HeldFile) => EndpointFile {
  let count = 0
  return (file) => ({ file, url: `unix://${file.path}#${++count}@${inodeIn(file.url)}` })
}

/** The path of the socket in a URL `unix:///…`; undefined for others. */
export function socketPathIn(url: string): string | undefined {
  return url.startsWith("unix:///") ? url.slice("unix://".length).replace(/#.*/, "") : undefined
}

/** The same, when the socket was received by this process and is still held. */
export function receivedPathIn(url: string): string | undefined {
  const path = socketPathIn(url)
  if (path === undefined || !isHeldHere(path)) return undefined
  const found = inodeUrlAt(path)
  return found !== undefined && url.endsWith(`@${inodeIn(found)}`) ? path : undefined
}

/** `device/inode` */
function inodeIn(inodeUrl: string): string {
  return inodeUrl.replace("inode://", "")
}
