import type { Connection } from "@nsm/api"
import {
  type Call,
  callScope,
  connectionKey,
  type Descriptors,
  element,
  type Element,
  established,
  type NetworkService,
  orClose,
} from "@nsm/sdk"
import { HeldFile, inodeUrlAt, isInodeUrl } from "../descriptors/held-file.ts"
import type { NamespaceFinder } from "../namespace/namespace-finder.ts"
import { parseNamespaceUrl } from "../namespace/namespace-url.ts"
import { fileOf, filesOf, pathIn, SwappedFiles, withFile, withFiles } from "./swapped-files.ts"

/** What need not be received. */
export interface ReceiveFilesOptions {
  /**
   * Finds what this process sees without being sent it; that stays under its own URL, and goes when
   * the workload goes. @default everything is received
   */
  readonly finder?: Pick<NamespaceFinder, "find">
}

/** A file comes along with the message that names it; by now, who has not sent it does not. */
const patienceMs = 1000

/**
 * Receives the files that a caller's mechanisms name by inode, and holds the one that was chosen until
 * the connection is closed; sends the file of an answer's mechanism back. The caller gets its own URL
 * again. Does nothing for callers over TCP, and for files that do not come.
 *
 * Placement: after `connectionState`, before whatever opens the file of a mechanism or chooses one.
 */
export function receiveFiles({ finder }: ReceiveFilesOptions = {}): Element<NetworkService> {
  const held = connectionKey<SwappedFiles>("callers-files")
  const isVisible = (url: string): boolean => {
    const address = parseNamespaceUrl(url)
    return "inode" in address && finder?.find(address.inode) !== undefined
  }
  const receive = async (
    url: string,
    files: SwappedFiles,
    { peer, clock, deadline = Infinity, signal }: Call,
  ): Promise<void> => {
    if (!peer?.descriptors || !isInodeUrl(url)) return
    if (files.inside(url) !== undefined || isVisible(url)) return
    using scope = callScope({
      ...{ clock, signal, deadline: Math.min(deadline, clock.now() + patienceMs) },
    })
    try {
      files.take(HeldFile.open(await peer.descriptors.receive(url, scope.signal)))
    } catch (failure) {
      // Without the file, whoever opens the URL says what is wrong with it.
      if (signal.aborted || !scope.signal.aborted) throw failure
    }
  }

  return element("receive-files", (next) => ({
    async request(request, call) {
      const files = held.get(call) ?? new SwappedFiles()
      held.set(call, files)
      try {
        for (const url of filesOf(request)) await receive(url, files, call)
        const answered = await next
          .request(
            withFiles(request, (url) => files.inside(url)),
            call,
          )
          .then(orClose(next, call, (granted) => outside(granted, files, call.peer?.descriptors)))
        files.keepOnly(fileOf(answered.mechanism))
        return answered
      } catch (failure) {
        // A refresh that fails leaves what stands.
        if (!call.get(established)) held.take(call)?.[Symbol.dispose]()
        throw failure
      }
    },
    async close(connection, call) {
      using files = held.take(call)
      await next.close(
        withFile(connection, (url) => files?.inside(url)),
        call,
      )
    },
  }))
}

/** The answer with the caller's own URL, or with that of a file that is sent along. */
function outside(
  granted: Connection,
  files: SwappedFiles,
  descriptors: Descriptors | undefined,
): Connection {
  return withFile(granted, (url) => {
    const known = files.outside(url)
    if (known !== undefined && files.isReceived(known)) return known
    const path = pathIn(url)
    if (!descriptors || path === undefined || inodeUrlAt(path) === undefined) return known
    const sent = descriptors.send(path)
    files.learn(sent, url)
    return sent
  })
}
