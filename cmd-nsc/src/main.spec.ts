import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import {
  MonitorScopeSelectorSchema,
  NetworkServiceEndpointSchema,
  NetworkServiceSchema,
} from "@nsm/api"
import {
  bind,
  type Call,
  endpoint,
  expose,
  grant,
  groupIpam,
  grpcTransport,
  kernelEndpoint,
  mechanisms,
  networkServiceWire,
  parseCidrGroups,
  silentLog,
  systemClock,
  systemRandom,
  type Transport,
  unsignedTokens,
  withCall,
} from "@nsm/sdk"
import {
  DaemonProcess,
  type NullNode,
  nullNode,
  temporaryFolder,
  type TemporaryFolder,
} from "@nsm/sdk/testing"
import type { WireStatus } from "./wire.ts"

const main = new URL("main.ts", import.meta.url)

describe("nsc", () => {
  let cleanup: AsyncDisposableStack
  let folder: TemporaryFolder
  let managerUrl: string
  let transport: Transport

  beforeEach(async () => {
    cleanup = new AsyncDisposableStack()
    folder = cleanup.use(await temporaryFolder())
    managerUrl = folder.socket("nsm.io.sock")
    transport = cleanup.use(grpcTransport({ name: "test", tokens: unsignedTokens() }))
  })
  afterEach(() => cleanup.disposeAsync())

  const node = async (): Promise<NullNode> =>
    cleanup.use(await nullNode({ transport, managerUrl, forwarderUrl: folder.socket("forwarder") }))

  /** An endpoint of the node, in this process. */
  async function provided(
    { services, endpoints }: NullNode["registries"],
    service: string,
  ): Promise<string> {
    const url = folder.socket(service)
    const namespaceUrl = "file:///proc/1/ns/net"
    const { signal } = cleanup.adopt(new AbortController(), (ending) => ending.abort())
    const chain = endpoint(
      { name: `nse-${service}`, tokens: unsignedTokens(), random: systemRandom, signal },
      groupIpam({ groups: parseCidrGroups("172.16.0.0/24") }),
      mechanisms({ KERNEL: kernelEndpoint({ namespaceUrl, random: systemRandom }) }),
    )
    await transport.listen(url, [expose(networkServiceWire, bind(chain, grant))])
    const name = `nse-${service}`
    const entry = create(NetworkServiceEndpointSchema, {
      name,
      url,
      networkServiceNames: [service],
    })
    await calling(async (call) => {
      await services.register(create(NetworkServiceSchema, { name: service }), call)
      await endpoints.register(entry, call)
    })
    return url
  }

  const started = (wires: string, env: Record<string, string> = {}): DaemonProcess =>
    cleanup.use(
      new DaemonProcess({
        main,
        env: {
          NSM_INSECURE: "true",
          ...{ NSM_NAME: "client", NSM_CONNECT_TO: managerUrl, NSM_NETWORK_SERVICES: wires },
          NSM_HTTP_LISTEN_ON: "127.0.0.1:0",
          // Wires of a forwarder without a data plane carry nothing.
          NSM_LIVENESS_CHECK_ENABLED: "false",
          ...env,
        },
      }),
    )

  /** How many connections a hop has. */
  const countAt = (url: string): Promise<number> =>
    calling(async (call) => {
      const all = create(MonitorScopeSelectorSchema)
      const hop = transport.client(url, networkServiceWire)
      for await (const { connections } of hop.monitorConnections(all, call)) {
        return Object.keys(connections).length
      }
      return -1
    })

  it("holds a wire for each URL, tells of them, and closes all at its end", async () => {
    const { registries } = await node()
    const urls = [await provided(registries, "web"), await provided(registries, "db")]
    const nsc = started("kernel://web/nsm-1?app=a, kernel://db/nsm-2")
    const { http, wires } = await nsc.line("ready")
    assert.deepEqual(wires, ["client-0", "client-1"])
    assert.equal((await fetch(`${String(http)}/readyz`)).status, 200)
    const page = await (await fetch(`${String(http)}/connections`)).json()
    const [web, db] = page as WireStatus[]
    assert.deepEqual(web, {
      id: "client-0",
      client: "client",
      service: "web",
      url: "kernel://web/nsm-1?app=a",
      state: "up",
      endpoint: "nse-web",
      mechanism: "KERNEL",
      interface: "nsm-1",
      path: ["client", "nsmgr", "forwarder", "nse-web"],
      addresses: { client: web?.addresses.client, endpoint: web?.addresses.endpoint },
      mtu: web?.mtu,
    })
    // Both endpoints have the same pool: the second is told what the first has granted.
    assert.equal(new Set([web, db].flatMap((wire) => wire?.addresses.client)).size, 2)
    assert.deepEqual(await Promise.all(urls.map(countAt)), [1, 1])
    nsc.kill("SIGTERM")
    assert.equal(await nsc.exitCode(), 0)
    assert.deepEqual(await Promise.all(urls.map(countAt)), [0, 0])
    assert.equal(await countAt(managerUrl), 0)
  })

  it("says why there is no wire, is not ready, and gets it when it can be had", async () => {
    const { registries } = await node()
    const nsc = started("kernel://web/nsm-1")
    const { why, error, url } = await nsc.line("no wire, will try again")
    assert.equal(url, "kernel://web/nsm-1")
    assert.match(
      String(why),
      /SERVICE_NOT_FOUND: \[test\/discover-forwarder\].*web.*Check the name/,
    )
    assert.equal((error as { reason: string }).reason, "SERVICE_NOT_FOUND")
    assert.deepEqual(
      nsc.lines.filter(({ msg }) => msg === "ready"),
      [],
    )
    await provided(registries, "web")
    await nsc.line("ready")
    const up = await nsc.line("wire is up")
    assert.equal(up["endpoint"], "nse-web")
    assert.equal(up["error"], undefined)
  })

  it("takes over what an earlier run has left", async () => {
    const { registries } = await node()
    const url = await provided(registries, "web")
    const killed = started("kernel://web/nsm-1")
    const before = await killed.line("wire is up")
    killed.kill("SIGKILL")
    await killed.exitCode()
    const nsc = started("kernel://web/nsm-1")
    const after = await nsc.line("wire is up")
    assert.deepEqual(after["addresses"], before["addresses"])
    assert.equal(await countAt(url), 1)
    assert.equal(await countAt(managerUrl), 1)
    nsc.kill("SIGTERM")
    assert.equal(await nsc.exitCode(), 0)
    assert.equal(await countAt(url), 0)
  })

  it("waits for its manager, and ends in order without it", async () => {
    const nsc = started("kernel://web/nsm-1", { NSM_DIAL_TIMEOUT: "100ms" })
    const { why } = await nsc.line("no wire, will try again")
    assert.match(String(why), /PEER_UNREACHABLE/)
    nsc.kill("SIGTERM")
    assert.equal(await nsc.exitCode(), 0)
  })

  it("has nothing to do without URLs, and says so", async () => {
    const nsc = started("")
    assert.ok(await nsc.line("NSM_NETWORK_SERVICES is empty: there is nothing to ask for"))
    assert.ok(await nsc.line("ready"))
  })

  it("sends the namespace that is set, or else its own", async () => {
    const own = started("")
    assert.equal((await own.line("ready"))["namespaceUrl"], `file:///proc/${own.pid}/ns/net`)
    const set = started("", { NSM_NAMESPACE_URL: "file:///run/netns/blue" })
    assert.equal((await set.line("ready"))["namespaceUrl"], "file:///run/netns/blue")
  })

  it("ends with 2 and names a URL that cannot be asked for", async () => {
    const nsc = started("kernel://web/nsm-1,teleport://web")
    assert.equal(await nsc.exitCode(), 2)
    assert.match(nsc.errors, /NSM_NETWORK_SERVICES=.*teleport:\/\/web: .*kernel only/)
  })
})

function calling<T>(run: (call: Call) => Promise<T>): Promise<T> {
  return withCall({ clock: systemClock, log: silentLog, timeoutMs: 8000 }, run)
}
