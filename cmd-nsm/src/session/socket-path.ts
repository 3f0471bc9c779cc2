import { join } from "node:path"
import { NsmError } from "@nsm/sdk"

/** Bytes that the kernel has for the path of a unix socket (unix(7)), without the zero at its end. */
const longestPath = 107

/** The path of a socket in a folder. */
export function socketPath(folder: string, name: string): string {
  const path = join(folder, name)
  if (Buffer.byteLength(path) <= longestPath) return path
  const text = `a socket's path has more than ${longestPath} bytes: ${path}`
  throw new NsmError("INVALID_CONFIGURATION", text, {
    remedy: "Shorten the names, or set TMPDIR to a folder with a shorter path.",
  })
}
