import { type HeldFile, isHeldHere } from "../descriptors/held-file.ts"

/** The socket of an endpoint that was received, with the URL by which this process dials it. */
export interface EndpointFile {
  readonly file: HeldFile
  readonly url: string
}

/** Gives received sockets URLs of their own: a descriptor's number is soon used again. */
export function endpointFiles(): (file: HeldFile) => EndpointFile {
  let count = 0
  return (file) => ({ file, url: `unix://${file.path}#${++count}` })
}

/** The path of the socket in a URL `unix:///…`; undefined for others. */
export function socketPathIn(url: string): string | undefined {
  return url.startsWith("unix:///") ? url.slice("unix://".length).replace(/#.*/, "") : undefined
}

/** The same, when the socket was received by this process. */
export function receivedPathIn(url: string): string | undefined {
  const path = socketPathIn(url)
  return isHeldHere(path) ? path : undefined
}
