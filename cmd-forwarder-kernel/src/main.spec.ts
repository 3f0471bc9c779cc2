import assert from "node:assert/strict"
import { once } from "node:events"
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
  type Audit,
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
  this.timeout(40_000)
  let cleanup: AsyncDisposableStack
  let folder: TemporaryFolder

  beforeEach(async () => {
    cleanup = new AsyncDisposableStack()
    folder = cleanup.use(await temporaryFolder())
  })
  afterEach(() => cleanup.disposeAsync())

  const started = (settings: Record<string, string> = {}): DaemonProcess =>
    cleanup.use(
      new DaemonProcess({
        main,
        env: {
          ...{ NSM_NAME: "fwd-1", NSM_INSECURE: "true" },
          NSM_CONNECT_TO: folder.socket("nsmgr"),
          NSM_LISTEN_ON: folder.socket("fwd"),
          NSM_LABELS: "p2p:true,kind:kernel",
          NSM_TUNNEL_IP: "127.0.0.1",
          ...settings,
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

  it("makes wires, counts them, and removes them when it ends, if it is to", async function () {
    const [home, place] = [namespaceOrSkip(this), namespaceOrSkip(this)]
    cleanup.use(home)
    cleanup.use(place)
    const node = await Node.start(cleanup, folder)
    await node.endpoint(place.url)
    const daemon = started({ NSM_KEEP_WIRES: "false" })
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

  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    it(`leaves its wires to the next one when it ends by ${signal}, which owns up to them`, async function () {
      const [home, place] = [namespaceOrSkip(this), namespaceOrSkip(this)]
      cleanup.use(home)
      cleanup.use(place)
      await Promise.all([home, place].map((each) => inhabit(cleanup, each)))
      const node = await Node.start(cleanup, folder)
      await node.endpoint(place.url)
      const first = started()
      await first.line("ready")
      const granted = await node.request(home.url)
      const before = indexesIn(home)
      first.kill(signal)
      await first.exitCode()
      assert.equal((await echo({ namespace: home, destination: "10.0.0.0" })).received, 1)
      const second = started()
      const { http } = await second.line("ready")
      const audited = async (): Promise<Audit> =>
        (await (await fetch(`${String(http)}/audit`)).json()) as Audit
      const orphans = (await audited()).orphans.map((orphan) => orphan.alias.split(" ")[0] ?? "")
      assert.deepEqual(orphans.toSorted(), ["client-nsc-0", "server-nsc-0"])
      await node.request(home.url, granted)
      assert.deepEqual(indexesIn(home), before)
      const { wires, ...rest } = await audited()
      assert.deepEqual(rest, { orphans: [], missing: [] })
      assert.deepEqual(
        wires.map(({ kind, ends }) => [kind, ...ends.map((end) => end.interface)]),
        [["veth", "nsm-1", namesIn(place)[1]]],
      )
      const metrics = await (await fetch(`${String(http)}/metrics`)).text()
      assert.match(metrics, /^nsm_wires\{kind="veth"\} 1$/m)
      assert.match(
        metrics,
        /^nsm_wiring_duration_seconds_count\{action="adopted",kind="veth"\} 1$/m,
      )
    })
  }

  it("removes what nobody asks for any more when the grace is over", async function () {
    const [home, place] = [namespaceOrSkip(this), namespaceOrSkip(this)]
    cleanup.use(home)
    cleanup.use(place)
    await Promise.all([home, place].map((each) => inhabit(cleanup, each)))
    const node = await Node.start(cleanup, folder)
    await node.endpoint(place.url)
    const first = started()
    await first.line("ready")
    await node.request(home.url)
    first.kill("SIGTERM")
    await first.exitCode()
    const second = started({ NSM_ORPHAN_GRACE: "1ms", NSM_RECONCILE_INTERVAL: "20ms" })
    await second.line("an interface is removed that no connection owns")
    assert.deepEqual([namesIn(home), namesIn(place)], [["lo"], ["lo"]])
  })

  it("tells what it knows of endpoints, and what makes them near", async () => {
    const node = await Node.start(cleanup, folder)
    await node.endpoint("file:///proc/self/ns/net")
    const { http } = await started({ NSM_SELECTION_LOCALITY: "nodeName,zone" }).line("ready")
    const ask = async (query = ""): Promise<unknown> =>
      (await fetch(`${String(http)}/selection${query}`)).json()
    const known = {
      locality: ["nodeName", "zone"],
      endpoints: [],
      retryBudget: { left: 100, percent: 20, perSecond: 10 },
    }
    assert.partialDeepStrictEqual(await ask(), known)
    const none = { ...known, service: null, seen: [] }
    assert.partialDeepStrictEqual(await ask("?service=nobody"), none)
    const seen = { ...known, service: { name: "icmp" }, seen: [{ name: "nse" }] }
    assert.partialDeepStrictEqual(await ask("?service=icmp"), seen)
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

  /** Asks for a wire, or again for one. */
  async request(home: string, granted?: Connection): Promise<Connection> {
    const parameters = { name: "nsm-1", inodeURL: home }
    const request = create(NetworkServiceRequestSchema, {
      connection: granted ?? {
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

/** Has a process in a namespace, without which the forwarder does not find it by itself. */
async function inhabit(cleanup: AsyncDisposableStack, namespace: NetworkNamespace): Promise<void> {
  const child = namespace.spawn("sleep", ["600"], { stdio: "ignore" })
  await once(child, "spawn")
  cleanup.defer(() => void child.kill())
}

function namesIn(namespace: NetworkNamespace): string[] {
  return new Links(namespace).list().map(({ name }) => name)
}

function indexesIn(namespace: NetworkNamespace): number[] {
  return new Links(namespace).list().map(({ index }) => index)
}
