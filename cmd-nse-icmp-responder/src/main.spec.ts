import assert from "node:assert/strict"
import { existsSync, readlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setImmediate } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { create } from "@bufbuild/protobuf"
import {
  type Connection,
  HealthCheckRequestSchema,
  type NetworkServiceEndpoint,
  NetworkServiceEndpointQuerySchema,
  NetworkServiceQuerySchema,
  NetworkServiceRequestSchema,
} from "@nsm/api"
import {
  type Call,
  healthWire,
  type NetworkService,
  networkServiceWire,
  NsmError,
  rootCause,
  silentLog,
  systemClock,
  type Transport,
  withCall,
} from "@nsm/sdk"
import { descriptorSockets, receiveEndpointFiles } from "@nsm/sdk-kernel/descriptors"
import {
  type DaemonProcess,
  DaemonSurroundings,
  type NullNode,
  type TemporaryFolder,
} from "@nsm/sdk/testing"

const main = new URL("main.ts", import.meta.url)

describe("nse-icmp-responder", () => {
  let surroundings: DaemonSurroundings
  let folder: TemporaryFolder
  let managerUrl: string
  let transport: Transport

  beforeEach(async () => {
    surroundings = await DaemonSurroundings.open({
      main,
      env: {
        ...{ NSM_NAME: "nse-1", NODE_NAME: "node-1" },
        NSM_CIDR_PREFIX: "172.16.1.100/31,fd00:172:16::/64",
      },
      unixSockets: descriptorSockets(),
      endpointElements: [receiveEndpointFiles()],
    })
    ;({ folder, managerUrl, transport } = surroundings)
  })
  afterEach(() => surroundings[Symbol.asyncDispose]())

  const node = (): Promise<NullNode> => surroundings.node()
  const started = (env: Record<string, string> = {}): DaemonProcess => surroundings.start(env)

  const service = (): NetworkService => transport.client(managerUrl, networkServiceWire)

  const request = (id: string, networkService: string): Promise<Connection> =>
    calling((call) => service().request(requestFor(id, networkService), call))

  it("registers itself with its services, labels and payload", async () => {
    const { registries } = await node()
    const daemon = started({
      ...{ NSM_SERVICE_NAMES: "icmp,echo", NSM_LABELS: "app:firewall", NSM_PAYLOAD: "IP" },
    })
    const { listensOn } = await daemon.line("ready")
    const [entry] = await endpointsIn(registries)
    assert.deepEqual([entry?.name, entry?.networkServiceNames], ["nse-1", ["icmp", "echo"]])
    // Its socket came along, so that it is reached from wherever the manager is.
    const { pathname } = new URL(entry?.url ?? "")
    assert.match(pathname, /^\/proc\/\d+\/fd\/\d+$/)
    assert.equal(`unix://${readlinkSync(pathname)}`, listensOn)
    const labels = { app: "firewall", nodeName: "node-1" }
    assert.deepEqual({ ...entry?.networkServiceLabels["echo"]?.labels }, labels)
    const query = create(NetworkServiceQuerySchema, { networkService: { name: "echo" } })
    const [found] = await calling((call) => Array.fromAsync(registries.services.find(query, call)))
    assert.equal(found?.networkService?.payload, "IP")
  })

  it("grants wires into its namespace with addresses of each group, until a pool is used up", async () => {
    await node()
    const daemon = started()
    const { http } = await daemon.line("ready")
    const granted = await request("nsc-0", "icmp-responder")
    const names = granted.path?.pathSegments.map(({ name }) => name)
    assert.deepEqual(names, ["nsc", "nsmgr", "forwarder", "nse-1"])
    const ip = granted.context?.ipContext
    assert.deepEqual(ip?.dstIpAddrs, ["172.16.1.100/32", "fd00:172:16::/128"])
    assert.deepEqual(ip.srcIpAddrs, ["172.16.1.101/32", "fd00:172:16::1/128"])
    await assert.rejects(request("nsc-1", "icmp-responder"), (failure: unknown) => {
      const { reason, hop, text } = rootCause(NsmError.from(failure))
      assert.deepEqual([reason, hop], ["ADDRESSES_EXHAUSTED", "nse-1"])
      assert.match(text, /172\.16\.1\.100\/31/)
      return true
    })
    const metrics = await (await fetch(`${String(http)}/metrics`)).text()
    assert.match(metrics, /^nsm_connections\{mechanism="KERNEL"\} 1$/m)
    assert.match(metrics, /^nsm_requests_total\{result="error",code="RESOURCE_EXHAUSTED"\} 1$/m)
    await calling((call) => service().close(granted, call))
    assert.ok(await request("nsc-1", "icmp-responder"))
  })

  it("gives a client what it had before the endpoint was killed, and nobody else", async function () {
    // Two processes, one after the other.
    this.timeout(30_000)
    await node()
    const file = join(folder.path, "leases.json")
    const kept = { NSM_IPAM_STATE_FILE: file }
    const killed = started(kept)
    await killed.line("ready")
    const before = await request("nsc-0", "icmp-responder")
    while (!existsSync(file)) await setImmediate()
    killed.kill("SIGKILL")
    await killed.exitCode()
    await started(kept).line("ready")
    await assert.rejects(request("nsc-1", "icmp-responder"), (failure: unknown) => {
      assert.equal(rootCause(NsmError.from(failure)).reason, "ADDRESSES_EXHAUSTED")
      return true
    })
    const after = await request("nsc-0", "icmp-responder")
    assert.deepEqual(after.context?.ipContext, before.context?.ipContext)
  })

  it("starts also with a file of addresses that it cannot use, and says why", async () => {
    await node()
    const file = join(folder.path, "leases.json")
    writeFileSync(file, "{")
    const daemon = started({ NSM_IPAM_STATE_FILE: file })
    await daemon.line("ready")
    const { error } = await daemon.line("addresses are not kept across restarts")
    assert.equal((error as { reason: string }).reason, "STATE_FILE_UNUSABLE")
    assert.ok(await request("nsc-0", "icmp-responder"))
  })

  it("names its own network namespace, or the one that is set", async () => {
    const daemon = started()
    await node()
    const ready = await daemon.line("ready")
    assert.equal(ready["namespaceUrl"], `file:///proc/${daemon.pid}/ns/net`)
    const url = "inode://4/4026531840"
    const other = started({ NSM_NAME: "nse-2", NSM_NAMESPACE_URL: url })
    assert.equal((await other.line("ready"))["namespaceUrl"], url)
  })

  it("is SERVING, and ends on SIGTERM without its socket or its folder", async () => {
    const { registries } = await node()
    const daemon = started()
    const url = String((await daemon.line("ready"))["listensOn"])
    const socket = fileURLToPath(url.replace("unix:", "file:"))
    const health = transport.client(url, healthWire)
    const asked = create(HealthCheckRequestSchema, { service: "networkservice.NetworkService" })
    assert.equal((await calling((call) => health.check(asked, call))).status, 1)
    daemon.kill("SIGTERM")
    assert.equal(await daemon.exitCode(), 0)
    assert.ok(!existsSync(new URL("..", `file://${socket}/`)), socket)
    const left = (await endpointsIn(registries)).map(({ name }) => name)
    assert.deepEqual(left, ["nse-1"], "it expires, as with the Go program")
  })

  it("takes itself out of the registry at its end, when it is to", async () => {
    const { registries } = await node()
    const daemon = started({ NSM_UNREGISTER_ITSELF: "true" })
    await daemon.line("ready")
    daemon.kill("SIGTERM")
    assert.equal(await daemon.exitCode(), 0)
    assert.deepEqual(await endpointsIn(registries), [])
  })

  it("ends by itself when nobody came for its idle time", async () => {
    await node()
    const daemon = started({ NSM_IDLE_TIMEOUT: "50ms" })
    assert.equal((await daemon.line("ending"))["why"], "idle")
    assert.equal(await daemon.exitCode(), 0)
  })

  it("waits for its manager, and ends in order without it", async () => {
    const daemon = started()
    await daemon.line("starting")
    daemon.kill("SIGTERM")
    assert.equal(await daemon.exitCode(), 0)
  })

  it("does not start where another one listens", async () => {
    await node()
    const listenOn = { NSM_LISTEN_ON: folder.socket("nse") }
    await started(listenOn).line("ready")
    const second = started({ ...listenOn, NSM_NAME: "nse-2" })
    const { error } = await second.line("cannot start")
    assert.equal((error as { reason: string }).reason, "ADDRESS_IN_USE")
    assert.equal(await second.exitCode(), 1)
  })

  const wrong: readonly [variable: string, value: string, why: RegExp][] = [
    ["NSM_SERVICE_NAMES", "", /at least one name/],
    ["NSM_CIDR_PREFIX", "172.16.0.0/40", /172\.16\.0\.0\/40/],
    ["NSM_CIDR_PREFIX", "10.0.0.0/8,10.1.0.0/16", /overlap/],
    ["NSM_PAYLOAD", "ethernet", /ETHERNET, IP/],
    ["NSM_IPAM_POLICY", "lax", /polite, strict/],
    ["NSM_NAMESPACE_URL", "/run/netns/blue", /file:\/\/\/run\/netns\/blue/],
  ]
  for (const [variable, value, why] of wrong) {
    it(`ends with 2 and names ${variable}=${value}`, async () => {
      const daemon = started({ [variable]: value })
      assert.equal(await daemon.exitCode(), 2)
      assert.ok(daemon.errors.includes(`${variable}="${value}": expected `), daemon.errors)
      assert.match(daemon.errors, why)
    })
  }
})

function requestFor(id: string, networkService: string) {
  const parameters = { name: "nsm-1", inodeURL: "file:///proc/1/ns/net" }
  return create(NetworkServiceRequestSchema, {
    connection: { id, networkService, path: { pathSegments: [{ name: "nsc", id }] } },
    mechanismPreferences: [{ cls: "LOCAL", type: "KERNEL", parameters }],
  })
}

/** What is registered besides the node's own forwarder. */
async function endpointsIn({
  endpoints,
}: NullNode["registries"]): Promise<readonly NetworkServiceEndpoint[]> {
  const query = create(NetworkServiceEndpointQuerySchema, { networkServiceEndpoint: {} })
  const found = await calling((call) => Array.fromAsync(endpoints.find(query, call)))
  return found
    .flatMap(({ networkServiceEndpoint: entry }) => entry ?? [])
    .filter(({ name }) => name !== "forwarder")
}

function calling<T>(run: (call: Call) => Promise<T>): Promise<T> {
  return withCall({ clock: systemClock, log: silentLog, timeoutMs: 8000 }, run)
}
