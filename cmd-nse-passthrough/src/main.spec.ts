import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { NetworkServiceEndpointQuerySchema, NetworkServiceQuerySchema } from "@nsm/api"
import { type Call, NsmError, silentLog, systemClock, withCall } from "@nsm/sdk"
import { createNamespace, descriptorSockets, receiveEndpointFiles } from "@nsm/sdk-kernel"
import { type DaemonProcess, DaemonSurroundings } from "@nsm/sdk/testing"

const main = new URL("main.ts", import.meta.url)

describe("nse-passthrough", () => {
  let surroundings: DaemonSurroundings

  before(function () {
    try {
      createNamespace()[Symbol.dispose]()
    } catch (failure) {
      this["skipReason"] = NsmError.from(failure).message
      this.skip()
    }
  })
  beforeEach(async () => {
    surroundings = await DaemonSurroundings.open({
      main,
      env: {
        ...{ NSM_NAME: "nse-1", NODE_NAME: "node-1" },
        ...{ NSM_SERVICE_NAMES: "web", NSM_LABELS: "app:firewall" },
      },
      unixSockets: descriptorSockets(),
      endpointElements: [receiveEndpointFiles()],
    })
  })
  afterEach(() => surroundings[Symbol.asyncDispose]())

  const started = (env: Record<string, string> = {}): DaemonProcess => surroundings.start(env)

  it("registers itself with its labels, and no network service, for that is others' to describe", async () => {
    const { registries } = await surroundings.node()
    const daemon = started()
    const ready = await daemon.line("ready")
    assert.equal(ready["namespaceUrl"], `file:///proc/${daemon.pid}/ns/net`)
    const networkServiceEndpoint = { networkServiceNames: ["web"] }
    const query = create(NetworkServiceEndpointQuerySchema, { networkServiceEndpoint })
    const [found] = await calling((call) => Array.fromAsync(registries.endpoints.find(query, call)))
    const labels = found?.networkServiceEndpoint?.networkServiceLabels["web"]?.labels
    assert.deepEqual({ ...labels }, { app: "firewall", nodeName: "node-1" })
    const all = create(NetworkServiceQuerySchema, { networkService: { name: "web" } })
    const services = await calling((call) => Array.fromAsync(registries.services.find(all, call)))
    assert.deepEqual(services, [])
    daemon.kill("SIGTERM")
    assert.equal(await daemon.exitCode(), 0)
  })

  it("waits for its manager, and ends in order without it", async () => {
    const daemon = started()
    await daemon.line("starting")
    daemon.kill("SIGTERM")
    assert.equal(await daemon.exitCode(), 0)
  })

  it("does not start where there is no such namespace", async () => {
    const daemon = started({ NSM_NAMESPACE_URL: "file:///proc/self/ns/none" })
    const { error } = await daemon.line("cannot start")
    assert.equal((error as { reason: string }).reason, "NAMESPACE_NOT_FOUND")
    assert.equal(await daemon.exitCode(), 1)
  })

  const wrong = [
    ["NSM_SERVICE_NAMES", ""],
    ["NSM_LABELS", "firewall"],
    ["NSM_NAMESPACE_URL", "/run/netns/blue"],
  ] as const
  for (const [variable, value] of wrong) {
    it(`ends with 2 and names ${variable}=${value}`, async () => {
      const daemon = started({ [variable]: value })
      assert.equal(await daemon.exitCode(), 2)
      assert.ok(daemon.errors.includes(`${variable}="${value}": expected `), daemon.errors)
    })
  }
})

function calling<T>(run: (call: Call) => Promise<T>): Promise<T> {
  return withCall({ clock: systemClock, log: silentLog, timeoutMs: 8000 }, run)
}
