import { timestampMs } from "@bufbuild/protobuf/wkt"
import type { NetworkServiceEndpoint, NetworkServiceEndpointResponse } from "@nsm/api"
import {
  type Call,
  callee,
  type Callee,
  element,
  type Element,
  type NetworkServiceEndpointRegistry,
  sentFiles,
} from "@nsm/sdk"
import { HeldFile, inodeUrlAt, isInodeUrl } from "../descriptors/held-file.ts"
import { type EndpointFile, endpointFiles, socketPathIn } from "./endpoint-file.ts"

/** Whereto files go. */
export interface SendEndpointFilesOptions {
  /** Where the registries are: files go through unix sockets only. */
  readonly url: string
  /** Lets all that was received go. @default each with its registration */
  readonly signal?: AbortSignal | undefined
}

/**
 * Sends the socket of an endpoint along with its registration, so that a manager reaches it that does
 * not see its path; receives the sockets of the endpoints that are found, and holds each until its
 * registration has ended.
 *
 * Placement: the last before the connection to the manager.
 */
export function sendEndpointFiles({
  url: registryUrl,
  signal,
}: SendEndpointFilesOptions): Element<NetworkServiceEndpointRegistry> {
  return element("send-endpoint-files", (next) => {
    if (!registryUrl.startsWith("unix:")) return {}
    const madeOf = endpointFiles()
    const found = new Found()
    signal?.addEventListener("abort", () => found[Symbol.dispose](), { once: true })

    const send = async <T>(
      endpoint: NetworkServiceEndpoint,
      call: Call,
      go: (endpoint: NetworkServiceEndpoint, call: Call) => Promise<T>,
    ): Promise<T> => {
      const path = socketPathIn(endpoint.url)
      const url = path === undefined ? undefined : inodeUrlAt(path)
      if (path === undefined || url === undefined) return go(endpoint, call)
      const along = [...call.get(sentFiles), path]
      return await go({ ...endpoint, url }, call.with(sentFiles, along))
    }

    const receive = async (
      answer: NetworkServiceEndpointResponse,
      { peer }: Callee,
      call: Call,
    ): Promise<NetworkServiceEndpointResponse> => {
      const { networkServiceEndpoint: endpoint, deleted } = answer
      if (!endpoint) return answer
      found.letGo(call.clock.now())
      if (deleted) found.forget(endpoint.name)
      if (deleted || !peer?.descriptors || !isInodeUrl(endpoint.url)) return answer
      const known = found.get(endpoint.url)
      const held =
        known ?? madeOf(HeldFile.open(await peer.descriptors.receive(endpoint.url, call.signal)))
      const url = found.keep(endpoint, held)
      return { ...answer, networkServiceEndpoint: { ...endpoint, url } }
    }

    return {
      register: (endpoint, call) =>
        send(endpoint, call, async (sent, sending) => {
          const granted = await next.register(sent, sending)
          return granted.url === sent.url ? { ...granted, url: endpoint.url } : granted
        }),
      unregister: (endpoint, call) =>
        send(endpoint, call, (sent, sending) => next.unregister(sent, sending)),
      async *find(query, call) {
        const asked: Callee = call.get(callee) ?? {}
        for await (const answer of next.find(query, call.with(callee, asked))) {
          yield await receive(answer, asked, call)
        }
      },
    }
  })
}

/** The sockets of endpoints that were found, and whose they are. */
class Found implements Disposable {
  readonly #files = new Map<string, EndpointFile>()
  readonly #users = new Map<string, { readonly file: string; readonly until: number }>()
  #isOver = false

  get(inodeUrl: string): EndpointFile | undefined {
    return this.#files.get(inodeUrl)
  }

  /** Holds a socket for as long as an endpoint is registered with it. */
  keep({ name, expirationTime }: NetworkServiceEndpoint, held: EndpointFile): string {
    const file = held.file.url
    // Two may have waited for the same one.
    const kept = this.#files.get(file) ?? held
    if (kept !== held || this.#isOver) held.file[Symbol.dispose]()
    if (this.#isOver) return kept.url
    this.#files.set(file, kept)
    const until = expirationTime ? timestampMs(expirationTime) : Infinity
    const before = this.#users.get(name)?.file
    this.#users.set(name, { file, until })
    if (before !== file) this.#closeUnused(before)
    return kept.url
  }

  /** Lets go what an endpoint had. */
  forget(name: string): void {
    const file = this.#users.get(name)?.file
    this.#users.delete(name)
    this.#closeUnused(file)
  }

  /** Lets go what endpoints had whose registrations have ended. */
  letGo(now: number): void {
    for (const [name, { until }] of this.#users) if (until < now) this.forget(name)
  }

  [Symbol.dispose](): void {
    this.#isOver = true
    this.letGo(Infinity)
    for (const name of this.#users.keys()) this.forget(name)
  }

  #closeUnused(file: string | undefined): void {
    if (file === undefined) return
    for (const user of this.#users.values()) if (user.file === file) return
    this.#files.get(file)?.file[Symbol.dispose]()
    this.#files.delete(file)
  }
}
