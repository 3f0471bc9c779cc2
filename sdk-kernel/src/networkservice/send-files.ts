import {
  callee,
  type Callee,
  connectionKey,
  element,
  type Element,
  established,
  type NetworkService,
  nextUrl,
  orClose,
  sentFiles,
} from "@nsm/sdk"
import { HeldFile, inodeUrlAt, isHeldHere, isInodeUrl } from "../descriptors/held-file.ts"
import { NamespaceFinder } from "../namespace/namespace-finder.ts"
import { parseNamespaceUrl } from "../namespace/namespace-url.ts"
import {
  fileOf,
  filesOf,
  pathIn,
  type Swap,
  SwappedFiles,
  withFile,
  withFiles,
} from "./swapped-files.ts"

/** Which files are sent. */
export interface SendFilesOptions {
  /**
   * Whether this process stands between others: then it sends on what it was sent, and what it was
   * told by path stays a path, for others may watch that, and a file that is held never goes.
   * @default false
   */
  readonly relays?: boolean
  /** Finds what is named by inode and can be seen from here. @default a new one */
  readonly finder?: Pick<NamespaceFinder, "find">
}

/**
 * Sends the files of the mechanisms that are offered along with a request, under their inodes, when
 * the next hop is behind a unix socket; receives that of the mechanism it answers with, and holds it
 * until the connection is closed. What was offered comes back under the URL that it had before.
 *
 * Placement: the last before `connect`, or before `authorizeAnswer`.
 */
export function sendFiles({
  relays = false,
  finder = new NamespaceFinder(),
}: SendFilesOptions = {}): Element<NetworkService> {
  const held = connectionKey<SwappedFiles>("next-hops-files")
  const visible = (url: string): string | undefined => {
    const address = parseNamespaceUrl(url)
    return "inode" in address ? finder.find(address.inode) : undefined
  }

  return element("send-files", (next) => ({
    async request(request, call) {
      if (!call.get(nextUrl)?.startsWith("unix:")) return next.request(request, call)
      const files = held.get(call) ?? new SwappedFiles()
      held.set(call, files)
      const going = outgoing(filesOf(request), files)
      // Shared with those who asked before, for the innermost would be the only one to learn.
      const asked: Callee = call.get(callee) ?? {}
      const along = [...call.get(sentFiles), ...going.paths]
      const sending = call.with(callee, asked).with(sentFiles, along)
      try {
        const granted = await next.request(withFiles(request, going.swap), sending)
        const url = fileOf(granted.mechanism)
        const answered = await orClose(next, sending, async () => {
          if (url === undefined || !isInodeUrl(url)) return granted
          const descriptors = asked.peer?.descriptors
          if (descriptors && files.inside(url) === undefined && visible(url) === undefined) {
            files.take(HeldFile.open(await descriptors.receive(url, call.signal)))
          }
          return withFile(granted, () => files.inside(url))
        })(granted)
        files.keepOnly(url)
        return answered
      } catch (failure) {
        if (!call.get(established)) held.take(call)?.[Symbol.dispose]()
        throw failure
      }
    },
    async close(connection, call) {
      using files = held.take(call)
      if (!files) return await next.close(connection, call)
      const url = fileOf(connection.mechanism)
      const going = outgoing(url === undefined ? [] : [url], files)
      const sending = call.with(sentFiles, [...call.get(sentFiles), ...going.paths])
      await next.close(withFile(connection, going.swap), sending)
    },
  }))

  /** What can be sent of the files behind these URLs, and what it is called then. */
  function outgoing(
    urls: readonly string[],
    files: SwappedFiles,
  ): { readonly paths: readonly string[]; readonly swap: Swap } {
    const paths = new Map<string, string>()
    for (const url of urls) {
      const path = isInodeUrl(url) ? visible(url) : pathIn(url)
      const sent = path === undefined ? undefined : inodeUrlAt(path)
      if (path === undefined || sent === undefined) continue
      const isKnown = files.outside(url) !== undefined
      files.learn(sent, url)
      // Once the next hop has answered with the file itself, that is what it goes by.
      if (relays && !isInodeUrl(url) && !isHeldHere(path) && !isKnown) continue
      paths.set(url, path)
    }
    const swap: Swap = (url) => (paths.has(url) ? files.outside(url) : undefined)
    return { paths: [...paths.values()], swap }
  }
}
