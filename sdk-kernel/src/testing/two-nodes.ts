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
  outline,
  parsePrefix,
  pointToPointIpam,
  seededRandom,
  silentLog,
  unsignedTokens,
  withCall,
} from "@nsm/sdk"
import { TaskGroup } from "@nsm/sdk/daemon"
import { FakeClock } from "@nsm/sdk/testing"
import { createVethPair } from "../interfaces/veth-pair.ts"
import { createNamespace } from "../namespace/create-namespace.ts"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"
import { openNamespace } from "../namespace/open-namespace.ts"
import { forwarder } from "../networkservice/chains/forwarder.ts"
import { findTunnelAddress } from "../wiring/tunnel-address.ts"
import { Wiring } from "../wiring/wiring.ts"
import type { Cleanup } from "./kernel-suite.ts"

/** Where the endpoint is. */
export interface EndpointOptions {
  /** Which node it is on. @default 1 */
  readonly node?: 1 | 2 | undefined
  readonly payload?: string | undefined
}

/** Two nodes with a forwarder each, and one endpoint. */
export class TwoNodes {
  readonly clock = new FakeClock()
  readonly tasks = new TaskGroup({ log: silentLog })
  readonly wirings: Wiring[] = []
  /** How many connections the endpoint holds. */
  held = 0
  readonly #network = new MemoryNetwork()
  readonly #random = seededRandom(1)
  readonly #tokens = unsignedTokens({ clock: this.clock })
  readonly #registries = [1, 2].map(() => memoryRegistries({ clock: this.clock }))
  readonly #cleanup: Cleanup
  readonly #nodes: readonly [NetworkNamespace, NetworkNamespace]
  /** End the forwarders that run. */
  readonly #ends: (() => Promise<void>)[] = []
  #clients = 0

  private constructor(cleanup: Cleanup) {
    this.#cleanup = cleanup
    this.#nodes = [cleanup.use(createNamespace()), cleanup.use(createNamespace())]
  }

  static async start(cleanup: Cleanup): Promise<TwoNodes> {
    const domain = new TwoNodes(cleanup)
    const [one, two] = domain.#nodes
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
    await domain.#forwarder(1)
    await domain.#forwarder(2)
    return domain
  }

  /** Ends a forwarder, which leaves its wires, and starts it anew. */
  async restart(node: 1 | 2): Promise<void> {
    await this.#ends[node - 1]?.()
    await this.#forwarder(node)
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

  async #forwarder(node: 1 | 2): Promise<void> {
    const name = `fwd-${node}`
    const home = this.#nodes[node - 1]
    assert.ok(home)
    const life = this.#cleanup.use(new AsyncDisposableStack())
    const end = new AbortController()
    const wiring = life.use(new Wiring({ node: openNamespace(home.url), name, keepsWires: true }))
    this.wirings[node - 1] = wiring
    const tunnel = findTunnelAddress(home)
    const { signal } = end
    const chain = forwarder({ ...this.#deps(name, node, wiring), tunnel, signal })
    life.use(await this.#listen(name, `tcp://${name}`, bind(chain, grant)))
    this.#ends[node - 1] = async () => {
      end.abort()
      await life.disposeAsync()
    }
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

  async #listen(name: string, url: string, service: NetworkService): Promise<AsyncDisposable> {
    const exposed = [expose(networkServiceWire, service)]
    return this.#cleanup.use(await this.#transport(name).listen(url, exposed))
  }

  #at(hop: string): NetworkService {
    return this.#transport("nsc").client(`tcp://${hop}`, networkServiceWire)
  }

  #calling<T>(run: (call: Call) => Promise<T>): Promise<T> {
    return withCall({ clock: this.clock, log: silentLog }, run)
  }
}
