import {
  bind,
  type Call,
  client,
  codeNumbers,
  grant,
  grpcTransport,
  mutualTls,
  NsmError,
  registryClient,
  signedTokens,
  silentLog,
  systemClock,
  systemRandom,
  withCall,
  workloadApi,
} from "@nsm/sdk"
import { Arrivals } from "../arrivals.ts"
import type { MemberOptions } from "../lab/member.ts"
import { type MeshClient, Refused, type Stream } from "./mesh-client.ts"

const usualLimitMs = 15_000

/** Starts a client of ours in this process, with an identity of its own. */
export async function startOwnClient({ name, url, settings }: MemberOptions): Promise<MeshClient> {
  const end = new AbortController()
  const { signal } = end
  const open = new AsyncDisposableStack()
  const source = open.use(workloadApi({ url: settings["SPIFFE_ENDPOINT_SOCKET"] ?? "" }))
  await source.first(AbortSignal.timeout(usualLimitMs))
  const tokens = signedTokens({ source })
  const transport = open.use(grpcTransport({ name, security: mutualTls({ source }), tokens }))
  open.defer(() => end.abort())
  const chain = client({ name, connectTo: url, transport, random: systemRandom, signal })
  const wires = bind(chain, grant)
  const { services, endpoints } = registryClient({ transport, url, signal })

  const once = async <T>(run: (call: Call) => Promise<T>, timeoutMs = usualLimitMs): Promise<T> => {
    try {
      return await withCall({ clock: systemClock, log: silentLog, timeoutMs }, run)
    } catch (thrown) {
      const { code, message } = NsmError.from(thrown)
      throw new Refused(codeNumbers[code], message)
    }
  }

  const stream = <T>(items: (call: Call) => AsyncIterable<T>): Stream<T> => {
    const arrivals = new Arrivals<T>()
    const given = new AbortController()
    withCall({ clock: systemClock, log: silentLog, signal: given.signal }, async (call) => {
      for await (const item of items(call)) arrivals.put(item)
    }).then(
      () => arrivals.end("OK"),
      (failure: unknown) => arrivals.end(String(failure)),
    )
    return { arrivals, [Symbol.dispose]: () => given.abort() }
  }

  return {
    name,
    request: (request, limit) => once((call) => wires.request(request, call), limit?.timeoutMs),
    close: (connection) => once((call) => wires.close(connection, call)),
    monitor: (selector) => stream((call) => wires.monitorConnections(selector, call)),
    registerService: (service) => once((call) => services.register(service, call)),
    unregisterService: (service) => once((call) => services.unregister(service, call)),
    findServices: (query) => stream((call) => services.find(query, call)),
    registerEndpoint: (entry, limit) =>
      once((call) => endpoints.register(entry, call), limit?.timeoutMs),
    unregisterEndpoint: (entry) => once((call) => endpoints.unregister(entry, call)),
    findEndpoints: (query) => stream((call) => endpoints.find(query, call)),
    kill: () => open.disposeAsync(),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  }
}
