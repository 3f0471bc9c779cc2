import assert from "node:assert/strict"
import { existsSync } from "node:fs"
import { create } from "@bufbuild/protobuf"
import {
  type Connection,
  HealthCheckRequestSchema,
  MonitorScopeSelectorSchema,
  NetworkServiceEndpointQuerySchema,
  NetworkServiceEndpointSchema,
  NetworkServiceRequestSchema,
  NetworkServiceSchema,
} from "@nsm/api"
import {
  bind,
  type Call,
  connectRegistries,
  endpoint,
  expose,
  grant,
  grpcTransport,
  healthWire,
  kernelEndpoint,
  mechanisms,
  memoryRegistries,
  type NetworkService,
  networkServiceEndpointRegistryWire,
  networkServiceRegistryWire,
  networkServiceWire,
  NsmError,
  rootCause,
  silentLog,
  systemClock,
  systemRandom,
  type Transport,
  unsignedTokens,
  withCall,
} from "@nsm/sdk"
import {
  DaemonProcess,
  nullForwarder,
  temporaryFolder,
  type TemporaryFolder,
} from "@nsm/sdk/testing"

const main = new URL("main.ts", import.meta.url)

describe("nsmgr", () => {
  let cleanup: AsyncDisposableStack
  let folder: TemporaryFolder
  let managerUrl: string
  let transport: Transport
  let signal: AbortSignal

  beforeEach(async () => {
    cleanup = new AsyncDisposableStack()
    folder = cleanup.use(await temporaryFolder())
    managerUrl = folder.socket("nsm.io.sock")
    transport = cleanup.use(grpcTransport({ name: "test", tokens: unsignedTokens() }))
    signal = cleanup.adopt(new AbortController(), (ending) => ending.abort()).signal
  })
  afterEach(() => cleanup.disposeAsync())

  const started = (env: Record<string, string> = {}): DaemonProcess =>
    cleanup.use(
      new DaemonProcess({
        main,
        env: {
          NSM_INSECURE: "true",
          ...{ NSM_NAME: "nsmgr-1", NODE_NAME: "node-1" },
          ...{ NSM_LISTEN_ON: managerUrl, NSM_REGISTRY_URL: "" },
          ...env,
        },
      }),
    )

  /** An endpoint and a forwarder on the node, both in this process. */
  async function populated(): Promise<void> {
    const name = "nse-1"
    const url = folder.socket(name)
    const chain = endpoint(
      { name, tokens: unsignedTokens(), random: systemRandom, signal },
      mechanisms({
        KERNEL: kernelEndpoint({ namespaceUrl: "file:///proc/1/ns/net", random: systemRandom }),
      }),
    )
    await transport.listen(url, [expose(networkServiceWire, bind(chain, grant))])
    const { services, endpoints } = connectRegistries({ transport, url: managerUrl })
    const entry = create(NetworkServiceEndpointSchema, { name, url, networkServiceNames: ["icmp"] })
    await calling(async (call) => {
      await services.register(create(NetworkServiceSchema, { name: "icmp" }), call)
      await endpoints.register(entry, call)
    })
    const forwarderUrl = folder.socket("forwarder")
    cleanup.use(
      await nullForwarder({ name: "forwarder-1", transport, url: forwarderUrl, managerUrl }),
    )
  }

  const service = (): NetworkService => transport.client(managerUrl, networkServiceWire)

  it("takes a request to an endpoint of its node, tells those who watch, and counts it", async () => {
    const { http } = await started().line("ready")
    await populated()
    await calling(async (call) => {
      const events = service().monitorConnections(create(MonitorScopeSelectorSchema), call)
      const states = (async () => {
        const seen: number[] = []
        for await (const { connections } of events) {
          seen.push(Object.keys(connections).length)
          if (seen.length === 2) break
        }
        return seen
      })()
      const granted = await service().request(requestFor("icmp"), call)
      assert.deepEqual(names(granted), ["nsc", "nsmgr-1", "forwarder-1", "nse-1"])
      assert.equal(granted.labels["nodeName"], "node-1")
      assert.equal(granted.id, "nsc-0")
      assert.deepEqual(await states, [0, 1])
      const metrics = await (await fetch(`${String(http)}/metrics`)).text()
      assert.match(metrics, /^nsm_requests_total\{result="ok",code="OK"\} 1$/m)
      assert.match(metrics, /^nsm_connections\{mechanism="KERNEL"\} 1$/m)
      assert.match(metrics, /^nsm_endpoints\{service="icmp"\} 1$/m)
      await service().close(granted, call)
      const later = await (await fetch(`${String(http)}/metrics`)).text()
      assert.match(later, /^nsm_connections\{mechanism="KERNEL"\} 0$/m)
    })
  })

  it("says at which hop a request failed, and why", async () => {
    await started().line("ready")
    await populated()
    await assert.rejects(
      calling((call) => service().request(requestFor("telepathy"), call)),
      (failure: unknown) => {
        const { reason, hop, text } = rootCause(NsmError.from(failure))
        assert.deepEqual([reason, hop], ["SERVICE_NOT_FOUND", "nsmgr-1"])
        assert.match(text, /telepathy/)
        return true
      },
    )
  })

  it("registers the node's endpoints at the domain's registry under its own URL", async () => {
    const registryUrl = folder.socket("registry")
    const { services, endpoints } = memoryRegistries({ clock: systemClock, signal })
    await transport.listen(registryUrl, [
      expose(networkServiceRegistryWire, services),
      expose(networkServiceEndpointRegistryWire, endpoints),
    ])
    await started({ NSM_REGISTRY_URL: registryUrl }).line("ready")
    await populated()
    const found = await calling((call) => {
      const query = create(NetworkServiceEndpointQuerySchema, { networkServiceEndpoint: {} })
      return Array.fromAsync(endpoints.find(query, call))
    })
    assert.deepEqual(
      found.map(({ networkServiceEndpoint: one }) => [
        one?.name,
        one?.url,
        one?.networkServiceLabels["icmp"]?.labels["nodeName"],
      ]),
      [
        ["nse-1", managerUrl, "node-1"],
        ["forwarder-1", managerUrl, undefined],
      ],
    )
  })

  it("is not ready without the domain's registry, and says so", async () => {
    const daemon = started({ NSM_REGISTRY_URL: folder.socket("registry") })
    const { http } = await daemon.line("ready")
    const response = await fetch(`${String(http)}/readyz?verbose`)
    assert.equal(response.status, 503)
    assert.match(await response.text(), /^\[-\] registry: (not yet|PEER_UNREACHABLE)/m)
    assert.equal((await fetch(`${String(http)}/livez`)).status, 200)
  })

  it("is SERVING as a whole and for each of its services", async () => {
    await started().line("ready")
    const health = transport.client(managerUrl, healthWire)
    const services = [
      "",
      "networkservice.NetworkService",
      "connection.MonitorConnection",
      "registry.NetworkServiceRegistry",
      "registry.NetworkServiceEndpointRegistry",
    ]
    for (const name of services) {
      const request = create(HealthCheckRequestSchema, { service: name })
      assert.equal((await calling((call) => health.check(request, call))).status, 1, name)
    }
  })

  it("ends on SIGTERM though it is watched, and removes its socket", async () => {
    const daemon = started()
    await daemon.line("ready")
    const watch = calling(async (call) => {
      const selector = create(MonitorScopeSelectorSchema)
      for await (const _ of service().monitorConnections(selector, call)) daemon.kill("SIGTERM")
    })
    await watch.catch(() => {})
    const since = performance.now()
    assert.equal(await daemon.exitCode(), 0)
    assert.ok(performance.now() - since < 4000, "it waited for those who watch")
    assert.ok(!existsSync(`${folder.path}/nsm.io.sock`))
  })

  it("does not start where another one listens", async () => {
    await started().line("ready")
    const second = started()
    const { error } = await second.line("cannot start")
    assert.equal((error as { reason: string }).reason, "ADDRESS_IN_USE")
    assert.equal(await second.exitCode(), 1)
  })

  const wrong: readonly [string, string][] = [
    ["NSM_LISTEN_ON", ""],
    ["NSM_LISTEN_ON", "tcp://127.0.0.1:0"],
    ["NSM_REGISTRY_URL", "registry"],
    ["NSM_DIAL_TIMEOUT", "750"],
  ]
  for (const [variable, value] of wrong) {
    it(`ends with 2 and names ${variable}=${value}`, async () => {
      const daemon = started({ [variable]: value })
      assert.equal(await daemon.exitCode(), 2)
      assert.ok(daemon.errors.includes(`${variable}="${value}": expected `), daemon.errors)
    })
  }
})

function requestFor(networkService: string) {
  return create(NetworkServiceRequestSchema, {
    connection: {
      id: "nsc-0",
      networkService,
      path: { pathSegments: [{ name: "nsc", id: "nsc-0" }] },
    },
    mechanismPreferences: [
      {
        cls: "LOCAL",
        type: "KERNEL",
        parameters: { name: "nsm-1", inodeURL: "file:///proc/1/ns/net" },
      },
    ],
  })
}

function names({ path }: Connection): readonly string[] {
  return path?.pathSegments.map(({ name }) => name) ?? []
}

function calling<T>(run: (call: Call) => Promise<T>): Promise<T> {
  return withCall({ clock: systemClock, log: silentLog, timeoutMs: 8000 }, run)
}
