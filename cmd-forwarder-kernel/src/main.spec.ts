import assert from "node:assert/strict"
import { readlinkSync } from "node:fs"
import { create } from "@bufbuild/protobuf"
import {
  type Connection,
  type NetworkServiceEndpoint,
  NetworkServiceEndpointQuerySchema,
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
  grpcTransport,
  kernelEndpoint,
  mechanisms,
  memoryRegistries,
  networkServiceEndpointRegistryWire,
  networkServiceRegistryWire,
  networkServiceWire,
  NsmError,
  parsePrefix,
  pointToPointIpam,
  silentLog,
  systemClock,
  systemRandom,
  unsignedTokens,
  withCall,
} from "@nsm/sdk"
import {
  createNamespace,
  descriptorSockets,
  echo,
  Links,
  type NetworkNamespace,
  receiveEndpointFiles,
} from "@nsm/sdk-kernel"
import { DaemonProcess, temporaryFolder, type TemporaryFolder } from "@nsm/sdk/testing"

const main = new URL("main.ts", import.meta.url)

describe("forwarder-kernel", function () {
  this.timeout(20_000)
  let cleanup: AsyncDisposableStack
  let folder: TemporaryFolder

  beforeEach(async () => {
    cleanup = new AsyncDisposableStack()
    folder = cleanup.use(await temporaryFolder())
  })
  afterEach(() => cleanup.disposeAsync())

  const started = (): DaemonProcess =>
    cleanup.use(
      new DaemonProcess({
        main,
        env: {
          ...{ NSM_NAME: "fwd-1", NSM_INSECURE: "true" },
          NSM_CONNECT_TO: folder.socket("nsmgr"),
          NSM_LISTEN_ON: folder.socket("fwd"),
          NSM_LABELS: "p2p:true,kind:kernel",
          NSM_TUNNEL_IP: "127.0.0.1",
        },
      }),
    )

  it("registers as a forwarder with its labels, and takes that back when it ends", async () => {
    const node = await Node.start(cleanup, folder)
    const daemon = started()
    await daemon.line("ready")
    assert.deepEqual(
      (await node.forwarders()).map(({ name, url, networkServiceLabels }) => ({
        name,
        url: `unix://${readlinkSync(new URL(url).pathname)}`,
        labels: networkServiceLabels["forwarder"]?.labels,
      })),
      [{ name: "fwd-1", url: folder.socket("fwd"), labels: { p2p: "true", kind: "kernel" } }],
    )
    daemon.kill("SIGTERM")
    assert.equal(await daemon.exitCode(), 0)
    assert.deepEqual(await node.forwarders(), [])
  })

  it("waits for its manager, and ends in order without it", async () => {
    const daemon = started()
    await daemon.line("starting")
    const node = await Node.start(cleanup, folder)
    await daemon.line("ready")
    await node[Symbol.asyncDispose]()
    daemon.kill("SIGTERM")
    assert.equal(await daemon.exitCode(), 0)
  })

  it("makes wires, counts them, and removes them when it ends", async function () {
    const [home, place] = [namespaceOrSkip(this), namespaceOrSkip(this)]
    cleanup.use(home)
    cleanup.use(place)
    const node = await Node.start(cleanup, folder)
    await node.endpoint(place.url)
    const daemon = started()
    const { http } = await daemon.line("ready")
    await node.request(home.url)
    const { received } = await echo({ namespace: home, destination: "10.0.0.0" })
    assert.equal(received, 1)
    const metrics = await (await fetch(`${String(http)}/metrics`)).text()
    assert.match(metrics, /^nsm_wires\{kind="veth"\} 1$/m)
    assert.match(metrics, /^nsm_wiring_duration_seconds_count\{action="made",kind="veth"\} 1$/m)
    assert.match(metrics, /^nsm_connections\{mechanism="KERNEL"\} 1$/m)
    daemon.kill("SIGTERM")
    assert.equal(await daemon.exitCode(), 0)
    assert.deepEqual([namesIn(home), namesIn(place)], [["lo"], ["lo"]])
  })

  it("tells the client what is wrong with its request", async function () {
    const place = cleanup.use(namespaceOrSkip(this))
    const node = await Node.start(cleanup, folder)
    await node.endpoint(place.url)
    await started().line("ready")
    await assert.rejects(node.request("file:///proc/none"), (error: unknown) => {
      const { reason, hop, element } = NsmError.from(error)
      assert.deepEqual([reason, hop, element], ["NAMESPACE_NOT_FOUND", "fwd-1", "kernel"])
      return true
    })
  })

  it("does not start with a tunnel address that the node does not have", async () => {
    const settings = { NSM_TUNNEL_IP: "198.51.100.7", NSM_LISTEN_ON: folder.socket("fwd") }
    const env = { ...settings, NSM_INSECURE: "true" }
    await using daemon = new DaemonProcess({ main, env })
    const { error } = await daemon.line("cannot start")
    assert.match(JSON.stringify(error), /INVALID_CONFIGURATION.*198\.51\.100\.7/)
    assert.equal(await daemon.exitCode(), 1)
  })
})

/** A manager's registries and an endpoint, in this process. */
class Node implements AsyncDisposable {
  readonly #end = new AbortController()
  readonly #registries = memoryRegistries({ clock: systemClock, signal: this.#end.signal })
  readonly #tokens = unsignedTokens()
  readonly #unixSockets = descriptorSockets()
  readonly #transport = grpcTransport({
    ...{ name: "nsmgr", tokens: this.#tokens, unixSockets: this.#unixSockets },
  })
  readonly #folder: TemporaryFolder

  private constructor(folder: TemporaryFolder) {
    this.#folder = folder
  }

  static async start(cleanup: AsyncDisposableStack, folder: TemporaryFolder): Promise<Node> {
    const node = cleanup.use(new Node(folder))
    const { services, endpoints } = node.#registries
    await node.#transport.listen(folder.socket("nsmgr"), [
      expose(networkServiceRegistryWire, services),
      expose(networkServiceEndpointRegistryWire, bind(receiveEndpointFiles(), endpoints)),
    ])
    return node
  }

  async forwarders(): Promise<readonly NetworkServiceEndpoint[]> {
    const query = create(NetworkServiceEndpointQuerySchema, {
      networkServiceEndpoint: { networkServiceNames: ["forwarder"] },
    })
    const found: NetworkServiceEndpoint[] = []
    await calling(async (call) => {
      for await (const answer of this.#registries.endpoints.find(query, call)) {
        if (answer.networkServiceEndpoint) found.push(answer.networkServiceEndpoint)
      }
    })
    return found
  }

  async endpoint(place: string): Promise<void> {
    const url = this.#folder.socket("nse")
    const prefix = parsePrefix("10.0.0.0/24")
    assert.ok(prefix)
    const chain = endpoint(
      { name: "nse", tokens: this.#tokens, random: systemRandom, signal: this.#end.signal },
      pointToPointIpam({ prefixes: [prefix] }),
      mechanisms({ KERNEL: kernelEndpoint({ namespaceUrl: place, random: systemRandom }) }),
    )
    await this.#transport.listen(url, [expose(networkServiceWire, bind(chain, grant))])
    const service = create(NetworkServiceSchema, { name: "icmp", payload: Payload.ETHERNET })
    const networkServiceNames = ["icmp"]
    const entry = create(NetworkServiceEndpointSchema, { name: "nse", networkServiceNames, url })
    await calling(async (call) => {
      await this.#registries.services.register(service, call)
      await this.#registries.endpoints.register(entry, call)
    })
  }

  async request(home: string): Promise<Connection> {
    const parameters = { name: "nsm-1", inodeURL: home }
    const request = create(NetworkServiceRequestSchema, {
      connection: {
        id: "nsc-0",
        networkService: "icmp",
        path: { pathSegments: [{ name: "nsc", id: "nsc-0" }] },
      },
      mechanismPreferences: [{ cls: "LOCAL", type: "KERNEL", parameters }],
    })
    const forwarder = this.#transport.client(this.#folder.socket("fwd"), networkServiceWire)
    return await calling((call) => forwarder.request(request, call))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort()
    await this.#transport[Symbol.asyncDispose]()
  }
}

function calling<T>(run: (call: Call) => Promise<T>): Promise<T> {
  return withCall({ clock: systemClock, log: silentLog, timeoutMs: 10_000 }, run)
}

function namespaceOrSkip(test: Mocha.Context): NetworkNamespace {
  try {
    return createNamespace()
  } catch (failure) {
    const { reason, message } = NsmError.from(failure)
    if (reason !== "PRIVILEGE_MISSING") throw failure
    process.stdout.write(`    skipped, ${message}\n`)
    return test.skip()
  }
}

function namesIn(namespace: NetworkNamespace): string[] {
  return new Links(namespace).list().map(({ name }) => name)
}
