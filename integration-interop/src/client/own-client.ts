import { ownIdentity } from "@nsm/integration-netns"
import {
  bind,
  type Call,
  client,
  codeNumbers,
  grant,
  grpcTransport,
  loadPolicies,
  NsmError,
  policies,
  registryClient,
  silentLog,
  systemClock,
  systemRandom,
  verifiedTokens,
  withCall,
} from "@nsm/sdk"
import { descriptorSockets, sendEndpointFiles, sendFiles } from "@nsm/sdk-kernel/descriptors"
import { Arrivals } from "../arrivals.ts"
import type { MemberOptions } from "../lab/member.ts"
import { type MeshClient, Refused, type Stream } from "./mesh-client.ts"

const usualLimitMs = 15_000

/** What every program of ours asks of the answers of registries. */
const registryPolicies = ["common", "registry", "client"].map(
  (folder) => `etc/nsm/opa/${folder}/.*.rego`,
)

/** Starts a client of ours in this process, with an identity of its own. */
export async function startOwnClient({ name, url, settings }: MemberOptions): Promise<MeshClient> {
  const end = new AbortController()
  const { signal } = end
  const clock = systemClock
  const open = new AsyncDisposableStack()
  const identity = open.use(await ownIdentity(settings["SPIFFE_ENDPOINT_SOCKET"]))
  const loaded = open.use(await loadPolicies(registryPolicies, { clock, log: silentLog }))
  const unixSockets = descriptorSockets({ clock })
  const transport = open.use(grpcTransport({ name, unixSockets, ...identity.connections }))
  open.defer(() => end.abort())
  const chain = client(
    {
      ...{ name, connectTo: url, transport, policies: identity.policies },
      ...{ random: systemRandom, signal },
    },
    sendFiles(),
  )
  const wires = bind(chain, grant)
  const answers = policies({
    ...{ point: "registry-client", policies: loaded.policies, verifier: verifiedTokens() },
  })
  const { services, endpoints } = registryClient({
    ...{ transport, url, signal, policies: { answers } },
    endpointElements: [sendEndpointFiles({ url, signal })],
  })

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
