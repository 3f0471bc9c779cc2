import { type Descriptors, NsmError, type Peer } from "@nsm/sdk"
import { inodeUrlAt } from "../descriptors/held-file.ts"

/** A peer that passes files, without a connection. */
export interface PassingPeer extends Peer {
  readonly descriptors: Descriptors
  /** Paths of what was sent to it, in order. */
  readonly sent: string[]
  /** Sends a file; answers its URL. */
  give(path: string): string
}

/** Makes a peer. */
export function passingPeer(): PassingPeer {
  const sent: string[] = []
  const given = new Map<string, string>()
  return {
    address: "unix:",
    sent,
    give(path) {
      const url = inodeUrlAt(path) ?? ""
      given.set(url, path)
      return url
    },
    descriptors: {
      send(path) {
        sent.push(path)
        return inodeUrlAt(path) ?? ""
      },
      async receive(url) {
        const path = given.get(url)
        if (path !== undefined) return path
        throw new NsmError("DEADLINE_EXCEEDED", `timeout in receiving ${url}`)
      },
    },
  }
}
