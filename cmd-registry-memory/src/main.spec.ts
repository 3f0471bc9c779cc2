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
  mutualTls,
  type Security,
  silentLog,
  systemClock,
  withCall,
} from "@nsm/sdk"
import {
  DaemonProcess,
  fixedIdentity,
  servedIdentity,
  temporaryFolder,
  type TemporaryFolder,
} from "@nsm/sdk/testing"

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

  it("shows who it is, and serves only those who show who they are", async () => {
    const workloadUrl = folder.socket("workload")
    const id = "spiffe://nsm.test/registry"
    const { authority } = cleanup.use(await servedIdentity({ url: workloadUrl, id }))
    const env = { NSM_INSECURE: "false", SPIFFE_ENDPOINT_SOCKET: workloadUrl }
    const daemon = started(env)
    const { http } = await daemon.line("ready")
    const shown = (await (await fetch(`${String(http)}/identity`)).json()) as { spiffeId: string }
    assert.equal(shown.spiffeId, id)

    const asked = async (security?: Security): Promise<unknown> => {
      const own = cleanup.use(grpcTransport({ name: "test", ...(security && { security }) }))
      const health = own.client(url, healthWire)
      return await calling((call) => health.check(create(HealthCheckRequestSchema), call))
    }
    const caller = "spiffe://nsm.test/nsmgr"
    await asked(mutualTls({ source: await fixedIdentity({ id: caller, authority }) }))
    await assert.rejects(asked())
    const stranger = await fixedIdentity({ id: caller })
    await assert.rejects(asked(mutualTls({ source: stranger })))
    const metrics = await (await fetch(`${String(http)}/metrics`)).text()
    assert.match(metrics, /^nsm_connections_refused_total\{/m)
    assert.match(metrics, /^nsm_identity_expiry_seconds \d{10}/m)
  })

  it("waits for an identity, and says so", async () => {
    const workloadUrl = folder.socket("workload")
    const env = { NSM_INSECURE: "false", SPIFFE_ENDPOINT_SOCKET: workloadUrl }
    const daemon = started({ ...env, NSM_HTTP_LISTEN_ON: `unix://${folder.path}/http` })
    await daemon.line("no identity from the Workload API, asking again")
    cleanup.use(await servedIdentity({ url: workloadUrl, id: "spiffe://nsm.test/registry" }))
    await daemon.line("ready")
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
