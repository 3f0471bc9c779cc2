import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import {
  type Connection,
  ConnectionSchema,
  MechanismSchema,
  NetworkServiceEndpointSchema,
  type NetworkServiceRequest,
  NetworkServiceRequestSchema,
  NetworkServiceSchema,
} from "@nsm/api"
import { bind, chain, type Element, outline } from "../../core/chain.ts"
import { NsmError, rootCause } from "../../core/errors.ts"
import type { Reason } from "../../core/reasons.ts"
import { seededRandom } from "../../core/random.ts"
import { unsignedTokens } from "../../identity/token.ts"
import { managerRegistries } from "../../registry/chains/nsmgr.ts"
import type { Registries } from "../../registry/service.ts"
import { testCall } from "../../testing/call.ts"
import { FakeClock } from "../../testing/fake-clock.ts"
import { record } from "../../testing/probes.ts"
import { MemoryNetwork } from "../../transport/memory/network.ts"
import { memoryTransport } from "../../transport/memory/transport.ts"
import { expose, type Transport } from "../../transport/transport.ts"
import { connect } from "../common/connect/connect.ts"
import { discover } from "../common/discover.ts"
import { relayMonitor } from "../common/relay-monitor/relay-monitor.ts"
import { ipContextOf } from "../connection.ts"
import { parseCidrGroups } from "../ipam/cidr-groups.ts"
import { groupIpam } from "../ipam/group.ts"
import { filterMechanisms } from "../mechanisms/filter-mechanisms.ts"
import { kernelEndpoint, kernelPreference } from "../mechanisms/kernel.ts"
import { mechanismTranslation } from "../mechanisms/mechanism-translation.ts"
import { mechanisms } from "../mechanisms/mechanisms.ts"
import { mtu } from "../mechanisms/mtu.ts"
import { EndpointSelection } from "../selection/endpoint-selection.ts"
import { selectEndpoint } from "../selection/select-endpoint.ts"
import { type NetworkService, networkServiceWire } from "../service.ts"
import { grant } from "../tail.ts"
import { client } from "./client.ts"
import { endpoint, passthrough } from "./endpoint.ts"
import { nsmgr } from "./nsmgr.ts"

const publicUrl = "tcp://manager:5001"

describe("nsmgr", () => {
  let node: Node
  beforeEach(() => {
    node = new Node()
  })
  afterEach(() => node.end())

  it("is this list", () => {
    assert.equal(
      outline(node.manager()),
      [
        "passthrough",
        "  update-path",
        "  begin",
        "  update-token",
        "  connection-state",
        "  timeout",
        "  monitor",
        "  client-info",
        "  follow-service",
        "  discover-forwarder",
        "  excluded-prefixes",
        "  relay-monitor",
        "  connect",
      ].join("\n"),
    )
  })

  it("joins a client to an endpoint by way of a forwarder", async () => {
    await node.startManager()
    await node.startForwarder("fwd")
    await node.startEndpoint("nse", "10.0.0.0/24")
    const granted = await node.request()
    assert.deepEqual(hops(granted), ["client", "manager", "fwd", "nse"])
    assert.equal(granted.networkServiceEndpointName, "nse")
    assert.equal(granted.payload, "ETHERNET")
    assert.equal(granted.mechanism?.parameters["name"], "nsm-1")
    assert.equal(granted.labels["nodeName"], "node-1")
    assert.equal(granted.context?.MTU, 9000)
    assert.deepEqual(ipContextOf(granted).srcIpAddrs, ["10.0.0.3/32"])
    assert.deepEqual(ipContextOf(granted).excludedPrefixes, ["10.0.0.0/31"])
  })

  it("keeps endpoint and addresses on refresh, and frees everything on close", async () => {
    await node.startManager()
    await node.startForwarder("fwd")
    const seen = await node.startEndpoint("nse", "10.0.0.0/24")
    const service = node.client()
    const granted = await service.request(requested(), node.call())
    const again = await service.request({ ...requested(), connection: granted }, node.call())
    assert.deepEqual(again.context, granted.context)
    assert.equal(seen.requests.length, 2)
    await service.close(again, node.call())
    assert.equal(seen.closes.length, 1)
    const other = await node.request({ id: "other" })
    assert.deepEqual(other.context?.ipContext?.srcIpAddrs, granted.context?.ipContext?.srcIpAddrs)
  })

  it("goes on to another endpoint where one has gone unnoticed", async () => {
    await node.startManager()
    await node.startForwarder("fwd")
    await node.startEndpoint("nse-1", "10.0.0.0/24")
    await node.startEndpoint("nse-2", "10.0.1.0/24")
    node.kill("nse-1")
    const granted = await Promise.all(["a", "b"].map((id) => node.request({ id })))
    assert.deepEqual(
      granted.map(({ networkServiceEndpointName }) => networkServiceEndpointName),
      ["nse-2", "nse-2"],
    )
  })

  it("goes on to another forwarder where one has gone unnoticed", async () => {
    await node.startManager()
    await node.startForwarder("fwd-1")
    await node.startForwarder("fwd-2")
    await node.startEndpoint("nse", "10.0.0.0/24")
    node.kill("fwd-1")
    assert.deepEqual(hops(await node.request()), ["client", "manager", "fwd-2", "nse"])
  })

  const failures: readonly Failure[] = [
    {
      title: "a network service that nobody registered",
      request: { networkService: "nothing" },
      reason: "SERVICE_NOT_FOUND",
      hop: "manager",
      text: /network service nothing is not registered/,
    },
    {
      title: "a network service that nobody provides",
      start: (on) => on.startForwarder("fwd"),
      reason: "ENDPOINT_NOT_FOUND",
      hop: "fwd",
      text: /no endpoint provides network service service-1/,
    },
    {
      title: "a node without a forwarder",
      reason: "FORWARDER_NOT_FOUND",
      hop: "manager",
      text: /no forwarder is registered on this node/,
    },
    {
      title: "a mechanism that the forwarder does not have",
      start: async (on) => {
        await on.startForwarder("fwd")
        await on.startEndpoint("nse", "10.0.0.0/24")
      },
      request: { mechanism: "MEMIF" },
      reason: "MECHANISM_UNSUPPORTED",
      hop: "fwd",
      text: /mechanism MEMIF is not supported; supported here: KERNEL/,
    },
    {
      title: "an endpoint that has gone unnoticed, naming it",
      start: async (on) => {
        await on.startForwarder("fwd")
        await on.startEndpoint("nse", "10.0.0.0/24")
        on.kill("nse")
      },
      reason: "PEER_UNREACHABLE",
      hop: "fwd",
      text: /endpoint nse does not answer at unix:nse/,
    },
    {
      title: "an endpoint that is asked for by name and is gone",
      start: (on) => on.startForwarder("fwd"),
      request: { endpointName: "nse" },
      reason: "ENDPOINT_NOT_FOUND",
      hop: "fwd",
      text: /endpoint nse is not registered/,
    },
    {
      title: "an endpoint without addresses left",
      start: async (on) => {
        await on.startForwarder("fwd")
        await on.startEndpoint("nse", "10.0.0.2/31")
        await on.request({ id: "before" })
      },
      reason: "ADDRESSES_EXHAUSTED",
      hop: "nse",
      text: /pool 10\.0\.0\.2\/31 has no free pair: 1 of 1 in use/,
    },
  ]
  for (const { title, start = async () => {}, request = {}, reason, hop, text } of failures) {
    it(`rejects ${title}`, async () => {
      await node.startManager()
      await start(node)
      await assert.rejects(node.request(request), (failure) => {
        const error = NsmError.from(failure)
        assert.equal(error.reason, reason)
        assert.match(error.text, text)
        assert.equal(error.hop, hop)
        assert.ok(rootCause(error).hop, "the root cause has no hop")
        return true
      })
    })
  }

  it("tells all failures where every endpoint failed", async () => {
    await node.startManager()
    await node.startForwarder("fwd")
    await node.startEndpoint("nse-1", "10.0.0.2/31")
    await node.startEndpoint("nse-2", "10.0.1.2/31")
    node.kill("nse-1")
    await node.request({ id: "a" })
    await assert.rejects(node.request({ id: "b" }), (failure) => {
      const error = NsmError.from(failure)
      assert.equal(error.reason, "ALL_CANDIDATES_FAILED")
      assert.equal(error.hop, "fwd")
      assert.ok(error.cause instanceof AggregateError)
      const reasons = error.cause.errors.map((cause) => NsmError.from(cause).reason)
      assert.deepEqual(reasons.toSorted(), ["ADDRESSES_EXHAUSTED", "PEER_UNREACHABLE"])
      return true
    })
  })
})

interface Failure {
  readonly title: string
  readonly start?: (node: Node) => Promise<void>
  readonly request?: Wanted
  readonly reason: Reason
  readonly hop: string
  readonly text: RegExp
}

interface Wanted {
  readonly id?: string
  readonly networkService?: string
  readonly mechanism?: string
  readonly endpointName?: string
}

function requested({
  id = "client-1",
  networkService = "service-1",
  mechanism = "KERNEL",
  endpointName: networkServiceEndpointName = "",
}: Wanted = {}): NetworkServiceRequest {
  const parameters = { name: "nsm-1" }
  return create(NetworkServiceRequestSchema, {
    connection: create(ConnectionSchema, { id, networkService, networkServiceEndpointName }),
    mechanismPreferences: [create(MechanismSchema, { cls: "LOCAL", type: mechanism, parameters })],
  })
}

function hops({ path }: Connection): string[] | undefined {
  return path?.pathSegments.map(({ name }) => name)
}

/** A node in one process, whose forwarders wire nothing. */
class Node {
  readonly clock = new FakeClock()
  readonly #network = new MemoryNetwork()
  readonly #ending = new AbortController()
  readonly #tokens = unsignedTokens({ clock: this.clock })
  readonly #random = seededRandom(1)
  readonly #transports: Transport[] = []
  readonly #registries: Registries

  constructor() {
    const { signal } = this.#ending
    this.#registries = managerRegistries({ publicUrl, clock: this.clock, signal })
  }

  call() {
    return testCall({ clock: this.clock })
  }

  manager(transport: Transport = this.#transport("manager")): Element<NetworkService> {
    return nsmgr({
      ...this.#hop("manager"),
      transport,
      publicUrl,
      registries: this.#registries,
      nodeName: "node-1",
      excluded: { prefixes: ["10.0.0.0/31"] },
    })
  }

  async startManager(): Promise<void> {
    await this.#registries.services.register(
      create(NetworkServiceSchema, { name: "service-1", payload: "ETHERNET" }),
      this.call(),
    )
    const transport = this.#transport("manager")
    await this.#serve("unix:manager", transport, bind(this.manager(transport), grant))
  }

  async startForwarder(name: string): Promise<void> {
    const hop = this.#hop(name)
    const transport = this.#transport(name)
    const forwarder = passthrough(
      hop,
      discover({ registries: this.#registries }),
      selectEndpoint({ selection: new EndpointSelection({ clock: this.clock }) }),
      mtu(),
      mechanisms({ KERNEL: chain("kernel") }),
      mechanismTranslation(),
      kernelPreference(),
      filterMechanisms(),
      relayMonitor(hop),
      connect({ transport }),
    )
    await this.#serve(`unix:${name}`, transport, bind(forwarder, grant))
    await this.#register(name, "forwarder")
  }

  async startEndpoint(name: string, groups: string) {
    const { random } = this.#hop(name)
    const seen = record()
    const provider = endpoint(
      this.#hop(name),
      groupIpam({ groups: parseCidrGroups(groups) }),
      mechanisms({ KERNEL: kernelEndpoint({ namespaceUrl: "file:///proc/self/ns/net", random }) }),
      seen,
    )
    await this.#serve(`unix:${name}`, this.#transport(name), bind(provider, grant))
    await this.#register(name, "service-1")
    return seen
  }

  client(): NetworkService {
    const hop = this.#hop("client")
    const transport = this.#transport("client")
    return bind(client({ ...hop, transport, connectTo: "unix:manager" }), grant)
  }

  async request(wanted: Wanted = {}): Promise<Connection> {
    return this.client().request(requested(wanted), this.call())
  }

  /** Ends a process as the kernel does: what is registered stays. */
  kill(name: string): void {
    this.#network.kill(`unix:${name}`)
  }

  async end(): Promise<void> {
    this.#ending.abort()
    await Promise.all(this.#transports.map((transport) => transport[Symbol.asyncDispose]()))
  }

  #hop(name: string) {
    return { name, tokens: this.#tokens, random: this.#random, signal: this.#ending.signal }
  }

  #transport(name: string): Transport {
    const transport = memoryTransport({
      ...{ name, network: this.#network, clock: this.clock, tokens: this.#tokens },
    })
    this.#transports.push(transport)
    return transport
  }

  async #serve(url: string, transport: Transport, service: NetworkService): Promise<void> {
    await transport.listen(url, [expose(networkServiceWire, service)])
  }

  async #register(name: string, service: string): Promise<void> {
    const entry = create(NetworkServiceEndpointSchema, {
      name,
      url: `unix:${name}`,
      networkServiceNames: [service],
      networkServiceLabels: { [service]: { labels: { p2p: "true" } } },
    })
    await this.#registries.endpoints.register(entry, this.call())
  }
}
