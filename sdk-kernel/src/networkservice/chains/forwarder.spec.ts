import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import {
  type Connection,
  NetworkServiceEndpointSchema,
  NetworkServiceRequestSchema,
  NetworkServiceSchema,
  Payload,
} from "@nsm/api"
import {
  bind,
  type Call,
  endpoint,
  expose,
  grant,
  kernelEndpoint,
  mechanisms,
  MemoryNetwork,
  memoryRegistries,
  memoryTransport,
  type NetworkService,
  networkServiceWire,
  NsmError,
  outline,
  parsePrefix,
  pointToPointIpam,
  type Reason,
  rootCause,
  seededRandom,
  silentLog,
  unsignedTokens,
  withCall,
} from "@nsm/sdk"
import { TaskGroup } from "@nsm/sdk/daemon"
import { FakeClock } from "@nsm/sdk/testing"
import { createVethPair } from "../../interfaces/veth-pair.ts"
import { Links } from "../../links/links.ts"
import { createNamespace } from "../../namespace/create-namespace.ts"
import type { NetworkNamespace } from "../../namespace/network-namespace.ts"
import { openNamespace } from "../../namespace/open-namespace.ts"
import { requirePrivilege } from "../../testing/require-privilege.ts"
import { passes, workload } from "../../testing/workloads.ts"
import { findTunnelAddress } from "../../wiring/tunnel-address.ts"
import { Wiring } from "../../wiring/wiring.ts"
import { forwarder } from "./forwarder.ts"

describe("forwarder", function () {
  this.timeout(20_000)
  let cleanup: AsyncDisposableStack

  before(function () {
    requirePrivilege(this)
  })
  beforeEach(() => {
    cleanup = new AsyncDisposableStack()
  })
  afterEach(() => cleanup.disposeAsync())

  const namespace = (): NetworkNamespace => cleanup.use(createNamespace())

  it("connects two workloads of its node, keeps their wire on refresh, and removes it on close", async () => {
    const [home, place] = [namespace(), namespace()]
    const domain = await Domain.start(cleanup)
    await domain.endpoint(place.url)
    const granted = await domain.request("fwd-1", home.url)
    assert.equal(granted.mechanism?.parameters["name"], "nsm-1")
    assert.equal(granted.context?.MTU, 9000)
    await passes(home, "10.0.0.0")
    const before = linksOf(home)
    await domain.refresh("fwd-1", granted)
    assert.deepEqual(linksOf(home), before)
    await domain.close("fwd-1", granted)
    assert.deepEqual([linksOf(home), linksOf(place)], [[], []])
  })

  it("connects workloads of two nodes by VXLAN, with room for its headers", async () => {
    const [home, place] = [namespace(), namespace()]
    const domain = await Domain.start(cleanup)
    await domain.endpoint(place.url, { node: 2 })
    const granted = await domain.request("fwd-1", home.url)
    assert.equal(granted.context?.MTU, 1446)
    assert.deepEqual([mtuOf(home), mtuOf(place)], [1446, 1446])
    await passes(home, "10.0.0.0")
    await domain.refresh("fwd-1", granted)
    await passes(home, "10.0.0.0")
    await domain.close("fwd-1", granted)
    assert.deepEqual([linksOf(home), linksOf(place)], [[], []])
  })

  it("gives every connection between two nodes an identifier of its own", async () => {
    const domain = await Domain.start(cleanup)
    await domain.endpoint(namespace().url, { node: 2 })
    const homes = Array.from({ length: 8 }, () => namespace())
    const granted = await Promise.all(homes.map((home) => domain.request("fwd-1", home.url)))
    const sources = granted.map(({ context }) => context?.ipContext?.dstIpAddrs[0]?.split("/")[0])
    for (const [at, home] of homes.entries()) await passes(home, sources[at] ?? "")
    await Promise.all(granted.map((connection) => domain.close("fwd-1", connection)))
    assert.ok(homes.every((home) => linksOf(home).length === 0))
  })

  it("closes the connection when the client's namespace has gone", async () => {
    const place = namespace()
    const domain = await Domain.start(cleanup)
    await domain.endpoint(place.url)
    const home = cleanup.use(await workload())
    await domain.request("fwd-1", home.url)
    assert.equal(linksOf(place).length, 1)
    await home[Symbol.asyncDispose]()
    await domain.clock.advance(250)
    await domain.tasks.idle()
    assert.deepEqual([domain.wirings.map(({ size }) => size), domain.held], [[0, 0], 0])
  })

  it("removes all wires when it ends", async () => {
    const [home, place] = [namespace(), namespace()]
    const domain = await Domain.start(cleanup)
    await domain.endpoint(place.url)
    await domain.request("fwd-1", home.url)
    await domain.wirings[0]?.[Symbol.asyncDispose]()
    assert.deepEqual([linksOf(home), linksOf(place)], [[], []])
  })

  const failures: {
    title: string
    name?: string
    home?: string
    place?: string
    payload?: string
    node?: 1 | 2
    reason: Reason
    text: RegExp
  }[] = [
    {
      title: "a name that is too long",
      name: "a-name-of-16-cha",
      reason: "INTERFACE_NAME_INVALID",
      text: /16/,
    },
    { title: "a name that is taken", name: "lo", reason: "INTERFACE_NAME_TAKEN", text: /"lo"/ },
    {
      title: "a client without namespace",
      home: "file:///proc/none",
      reason: "NAMESPACE_NOT_FOUND",
      text: /none/,
    },
    {
      title: "an endpoint without namespace",
      place: "file:///proc/none",
      reason: "NAMESPACE_NOT_FOUND",
      text: /none/,
    },
    {
      title: "an endpoint without namespace on another node",
      place: "file:///proc/none",
      node: 2,
      reason: "NAMESPACE_NOT_FOUND",
      text: /none/,
    },
    {
      title: "IP without frames between nodes",
      payload: Payload.IP,
      node: 2,
      reason: "MECHANISM_UNSUPPORTED",
      text: /REMOTE.*payload IP/,
    },
  ]
  for (const {
    title,
    name,
    home: homeUrl,
    place: placeUrl,
    payload,
    node,
    reason,
    text,
  } of failures) {
    it(`refuses ${title} with ${reason} and leaves nothing behind`, async () => {
      const [home, place] = [namespace(), namespace()]
      const domain = await Domain.start(cleanup)
      await domain.endpoint(placeUrl ?? place.url, { node, payload })
      await assert.rejects(domain.request("fwd-1", homeUrl ?? home.url, name), (error: unknown) => {
        const cause = rootCause(NsmError.from(error))
        assert.equal(cause.reason, reason)
        assert.match(cause.text, text)
        assert.match(cause.hop ?? "", /^fwd-/)
        return true
      })
      assert.deepEqual([linksOf(home), linksOf(place), domain.held], [[], [], 0])
      assert.deepEqual(
        domain.wirings.map(({ size }) => size),
        [0, 0],
      )
    })
  }

  it("offers no tunnels where the node has no address for them", async () => {
    const domain = await Domain.start(cleanup)
    assert.doesNotMatch(domain.outline({ hasTunnel: false }), /vxlan|vni/)
    assert.match(domain.outline({ hasTunnel: true }), /vxlan/)
  })
})

interface EndpointOptions {
  /** Which node it is on. @default 1 */
  readonly node?: 1 | 2 | undefined
  readonly payload?: string | undefined
}

/** Two nodes with a forwarder each, and one endpoint. */
class Domain {
  readonly clock = new FakeClock()
  readonly tasks = new TaskGroup({ log: silentLog })
  readonly wirings: Wiring[] = []
  /** How many connections the endpoint holds. */
  held = 0
  readonly #network = new MemoryNetwork()
  readonly #random = seededRandom(1)
  readonly #tokens = unsignedTokens({ clock: this.clock })
  readonly #registries = [1, 2].map(() => memoryRegistries({ clock: this.clock }))
  readonly #cleanup: AsyncDisposableStack
  #clients = 0

  private constructor(cleanup: AsyncDisposableStack) {
    this.#cleanup = cleanup
  }

  static async start(cleanup: AsyncDisposableStack): Promise<Domain> {
    const domain = new Domain(cleanup)
    const nodes = [cleanup.use(createNamespace()), cleanup.use(createNamespace())]
    const [one, two] = nodes
    assert.ok(one && two)
    await createVethPair(
      {
        namespace: one,
        name: "eth0",
        addresses: ["192.0.2.1/24"],
        routes: [{ prefix: "0.0.0.0/0" }],
      },
      {
        namespace: two,
        name: "eth0",
        addresses: ["192.0.2.2/24"],
        routes: [{ prefix: "0.0.0.0/0" }],
      },
    )
    await domain.#forwarder(1, one)
    await domain.#forwarder(2, two)
    return domain
  }

  /** Starts the endpoint and registers it at both nodes, at the other as behind its forwarder. */
  async endpoint(
    place: string,
    { node = 1, payload = Payload.ETHERNET }: EndpointOptions = {},
  ): Promise<void> {
    const prefix = parsePrefix("10.0.0.0/24")
    assert.ok(prefix)
    const chain = endpoint(
      { name: "nse", tokens: this.#tokens, random: this.#random },
      pointToPointIpam({ prefixes: [prefix] }),
      mechanisms({ KERNEL: kernelEndpoint({ namespaceUrl: place, random: this.#random }) }),
    )
    const counted: NetworkService = {
      ...grant,
      request: (request, call) => (this.held++, grant.request(request, call)),
      close: async () => void this.held--,
    }
    await this.#listen("nse", "unix:///nse", bind(chain, counted))
    for (const [at, registries] of this.#registries.entries()) {
      const url = at + 1 === node ? "unix:///nse" : `tcp://fwd-${node}`
      await this.#calling(async (call) => {
        await registries.services.register(
          create(NetworkServiceSchema, { name: "icmp", payload }),
          call,
        )
        await registries.endpoints.register(
          create(NetworkServiceEndpointSchema, { name: "nse", networkServiceNames: ["icmp"], url }),
          call,
        )
      })
    }
  }

  /** Asks a forwarder for a connection. */
  async request(hop: string, home: string, name = "nsm-1"): Promise<Connection> {
    const id = `nsc-${this.#clients++}`
    const request = create(NetworkServiceRequestSchema, {
      connection: { id, networkService: "icmp", path: { pathSegments: [{ name: id, id }] } },
      mechanismPreferences: [
        { cls: "LOCAL", type: "KERNEL", parameters: { name, inodeURL: home } },
      ],
    })
    return await this.#calling((call) => this.#at(hop).request(request, call))
  }

  /** Repeats the request for a connection. */
  async refresh(hop: string, connection: Connection): Promise<Connection> {
    const request = create(NetworkServiceRequestSchema, { connection })
    return await this.#calling((call) => this.#at(hop).request(request, call))
  }

  async close(hop: string, connection: Connection): Promise<void> {
    await this.#calling((call) => this.#at(hop).close(connection, call))
  }

  outline({ hasTunnel }: { hasTunnel: boolean }): string {
    const [wiring] = this.wirings
    assert.ok(wiring)
    return outline(
      forwarder({
        ...this.#deps("fwd", 1, wiring),
        tunnel: hasTunnel ? { ip: "192.0.2.1", linkMtu: 1500 } : undefined,
      }),
    )
  }

  async #forwarder(node: 1 | 2, home: NetworkNamespace): Promise<void> {
    const name = `fwd-${node}`
    const wiring = this.#cleanup.use(new Wiring({ node: openNamespace(home.url) }))
    this.wirings.push(wiring)
    const tunnel = findTunnelAddress(home)
    const chain = forwarder({ ...this.#deps(name, node, wiring), tunnel })
    await this.#listen(name, `tcp://${name}`, bind(chain, grant))
  }

  #deps(name: string, node: 1 | 2, wiring: Wiring) {
    const registries = this.#registries[node - 1]
    assert.ok(registries)
    return {
      name,
      wiring,
      registries,
      clock: this.clock,
      log: silentLog,
      random: this.#random,
      tokens: this.#tokens,
      tasks: this.tasks,
      transport: this.#transport(name),
    }
  }

  #transport(name: string) {
    return this.#cleanup.use(
      memoryTransport({
        ...{ name, network: this.#network, clock: this.clock, tokens: this.#tokens },
      }),
    )
  }

  async #listen(name: string, url: string, service: NetworkService): Promise<void> {
    this.#cleanup.use(
      await this.#transport(name).listen(url, [expose(networkServiceWire, service)]),
    )
  }

  #at(hop: string): NetworkService {
    return this.#transport("nsc").client(`tcp://${hop}`, networkServiceWire)
  }

  #calling<T>(run: (call: Call) => Promise<T>): Promise<T> {
    return withCall({ clock: this.clock, log: silentLog }, run)
  }
}

function linksOf(namespace: NetworkNamespace): string[] {
  return new Links(namespace)
    .list()
    .filter(({ name }) => name !== "lo")
    .map(({ index, name }) => `${index} ${name}`)
}

function mtuOf(namespace: NetworkNamespace): number | undefined {
  return new Links(namespace).list().find(({ name }) => name !== "lo")?.mtu
}
