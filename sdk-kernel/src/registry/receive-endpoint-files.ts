import type { NetworkServiceEndpoint } from "@nsm/api"
import {
  type Call,
  element,
  type Element,
  type NetworkServiceEndpointRegistry,
  NsmError,
} from "@nsm/sdk"
import { HeldFile, isInodeUrl } from "../descriptors/held-file.ts"
import { type EndpointFile, endpointFiles } from "./endpoint-file.ts"

/**
 * Receives the socket of an endpoint that registers under an inode, and holds it until it is taken
 * out, so that the node's forwarders and the manager itself can dial it. The endpoint sees its own
 * URL again.
 *
 * Placement: in a manager, after `expire` and before `localBypass`, which remembers what is dialled.
 */
export function receiveEndpointFiles(): Element<NetworkServiceEndpointRegistry> {
  return element("receive-endpoint-files", (next) => {
    const madeOf = endpointFiles()
    const held = new Map<string, EndpointFile>()

    const receive = async (
      { name, url }: NetworkServiceEndpoint,
      { peer, signal }: Call,
    ): Promise<EndpointFile> => {
      const known = held.get(name)
      if (known?.file.url === url) return known
      if (peer?.descriptors)
        return madeOf(HeldFile.open(await peer.descriptors.receive(url, signal)))
      throw new NsmError(
        "INVALID_URL",
        `endpoint ${name} registers ${url}, but only unix sockets pass files: ` +
          "register through the manager's unix socket, or a URL tcp://host:port",
      )
    }
    const put = (name: string, file: EndpointFile | undefined): void => {
      const before = held.get(name)
      if (file) held.set(name, file)
      else held.delete(name)
      if (before !== file) before?.file[Symbol.dispose]()
    }

    return {
      async register(endpoint, call) {
        const { name } = endpoint
        if (!isInodeUrl(endpoint.url)) {
          const granted = await next.register(endpoint, call)
          put(name, undefined)
          return granted
        }
        const file = await receive(endpoint, call)
        try {
          const granted = await next.register({ ...endpoint, url: file.url }, call)
          put(name, file)
          return granted.url === file.url ? { ...granted, url: endpoint.url } : granted
        } catch (failure) {
          if (held.get(name) !== file) file.file[Symbol.dispose]()
          throw failure
        }
      },
      async unregister(endpoint, call) {
        const url = held.get(endpoint.name)?.url ?? endpoint.url
        await next.unregister({ ...endpoint, url }, call)
        put(endpoint.name, undefined)
      },
    }
  })
}
