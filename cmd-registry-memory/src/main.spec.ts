import assert from "node:assert/strict"
import { existsSync } from "node:fs"
import { create } from "@bufbuild/protobuf"
import {
  HealthCheckRequestSchema,
  NetworkServiceEndpointQuerySchema,
  NetworkServiceEndpointSchema,
  NetworkServiceSchema,
} from "@nsm/api"
import {
  type Call,
  connectRegistries,
  grpcTransport,
  healthWire,
  silentLog,
  systemClock,
  withCall,
} from "@nsm/sdk"
import { DaemonProcess, temporaryFolder, type TemporaryFolder } from "@nsm/sdk/testing"

const main = new URL("main.ts", import.meta.url)

describe("registry-memory", () => {
  let cleanup: AsyncDisposableStack
  let folder: TemporaryFolder
  let url: string

  beforeEach(async () => {
    cleanup = new AsyncDisposableStack()
    folder = cleanup.use(await temporaryFolder())
    url = folder.socket("registry")
  })
  afterEach(() => cleanup.disposeAsync())

  const started = (env: Record<string, string> = {}): DaemonProcess =>
    cleanup.use(
      new DaemonProcess({ main, env: { NSM_INSECURE: "true", NSM_LISTEN_ON: url, ...env } }),
    )

  const transport = () => cleanup.use(grpcTransport({ name: "test" }))

  it("keeps what is registered, tells those who watch, and counts", async () => {
    const { http } = await started().line("ready")
    const { services, endpoints } = connectRegistries({ transport: transport(), url })
    const service = create(NetworkServiceSchema, { name: "icmp" })
    const endpoint = create(NetworkServiceEndpointSchema, {
      name: "nse-1",
      networkServiceNames: ["icmp"],
      url: "tcp://192.0.2.1:5001",
    })
    const query = create(NetworkServiceEndpointQuerySchema, {
      networkServiceEndpoint: { networkServiceNames: ["icmp"] },
      watch: true,
    })
    await calling(async (call) => {
      assert.equal((await services.register(service, call)).payload, "IP")
      const granted = await endpoints.register(endpoint, call)
      assert.ok(granted.expirationTime)
      const seen: string[] = []
      for await (const { networkServiceEndpoint: found, deleted } of endpoints.find(query, call)) {
        seen.push(`${found?.name} ${deleted ? "gone" : "there"}`)
        if (deleted) break
        const metrics = await (await fetch(`${String(http)}/metrics`)).text()
        assert.match(metrics, /^nsm_endpoints\{service="icmp"\} 1$/m)
        assert.match(metrics, /^nsm_registry_watchers 1$/m)
        await endpoints.unregister(granted, call)
      }
      assert.deepEqual(seen, ["nse-1 there", "nse-1 gone"])
    })
  })

  it("is SERVING as a whole and for each of its services", async () => {
    await started().line("ready")
    const health = transport().client(url, healthWire)
    const names = ["", "registry.NetworkServiceRegistry", "registry.NetworkServiceEndpointRegistry"]
    for (const service of names) {
      const { status } = await calling((call) =>
        health.check(create(HealthCheckRequestSchema, { service }), call),
      )
      assert.equal(status, 1, service)
    }
  })

  it("listens at several places, ends on SIGTERM and removes its sockets", async () => {
    const daemon = started({ NSM_LISTEN_ON: `${url},tcp://127.0.0.1:0` })
    const { listensOn } = await daemon.line("ready")
    assert.match(String(listensOn), /^unix:\/\/\/.+\/registry,tcp:\/\/127\.0\.0\.1:[1-9]\d*$/)
    daemon.kill("SIGTERM")
    assert.equal(await daemon.exitCode(), 0)
    assert.ok(!existsSync(`${folder.path}/registry`))
  })

  it("does not start where another one listens", async () => {
    await started().line("ready")
    const second = started()
    const { error } = await second.line("cannot start")
    assert.equal((error as { reason: string }).reason, "ADDRESS_IN_USE")
    assert.equal(await second.exitCode(), 1)
  })

  it("ends with 2 and names a variable that is wrong", async () => {
    const daemon = started({ NSM_LISTEN_ON: "5002" })
    assert.equal(await daemon.exitCode(), 2)
    assert.match(daemon.errors, /NSM_LISTEN_ON="5002": expected .*unix:\/\/\/run/)
  })
})

function calling<T>(run: (call: Call) => Promise<T>): Promise<T> {
  return withCall({ clock: systemClock, log: silentLog, timeoutMs: 5000 }, run)
}
