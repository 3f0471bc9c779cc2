import assert from "node:assert/strict"
import { once } from "node:events"
import { writeFileSync } from "node:fs"
import type { NetworkNamespace } from "@nsm/sdk-kernel"
import { connectionsAt } from "../lab/connections.ts"
import { exitOf } from "../lab/exit.ts"
import { Lab } from "../lab/lab.ts"
import { needsPrivilege } from "../lab/privilege.ts"
import { assertRefused } from "../lab/refusal.ts"

describe("a machine that refuses", function () {
  this.timeout(60_000)
  before(needsPrivilege)

  it("a forwarder without CAP_NET_ADMIN its wires: says PRIVILEGE_MISSING, and leaves nothing", async () => {
    await using lab = await Lab.up()
    const node = await lab.addNode("node-1", { forwarder: { through: without("net_admin") } })
    await lab.addEndpoint("nse-1", node)
    const { url: namespaceUrl } = lab.addNetwork("client")
    await using clients = lab.clients(node)
    await assertRefused(clients.request({ id: "refused", namespaceUrl }), {
      ...{ reason: "PRIVILEGE_MISSING", hop: "forwarder-node-1", text: /CAP_NET_ADMIN/ },
    })
    assert.deepEqual(await connectionsAt(node.manager), 0)
    assert.deepEqual([lab.interfaces("client"), lab.interfaces("nse-1")], [[], []])
  })

  it("a forwarder without CAP_SYS_ADMIN the way into namespaces: it does not start, and says so", async () => {
    await using lab = await Lab.up()
    const node = lab.addNode("node-1", { forwarder: { through: without("sys_admin") } })
    await assert.rejects(node, /forwarder-node-1 ended[\s\S]*PRIVILEGE_MISSING[\s\S]*CAP_SYS_ADMIN/)
  })

  it("IPv6, off in a namespace and not to be switched on: says KERNEL_FEATURE_MISSING, and leaves nothing", async () => {
    await using lab = await Lab.up()
    // As in a container, where /proc/sys can only be read.
    const mounts = "mount --bind /proc/sys /proc/sys && mount -o remount,bind,ro /proc/sys"
    const through = ["unshare", "--mount", "sh", "-c", `${mounts} && exec "$@"`, "sh"]
    const node = await lab.addNode("node-1", { forwarder: { through } })
    await lab.addEndpoint("nse-1", node)
    const namespace = lab.addNetwork("client")
    namespace.run(() => {
      for (const which of ["all", "default"]) {
        writeFileSync(`/proc/sys/net/ipv6/conf/${which}/disable_ipv6`, "1")
      }
    })
    await using clients = lab.clients(node)
    await assertRefused(clients.request({ id: "refused", namespaceUrl: namespace.url }), {
      ...{ reason: "KERNEL_FEATURE_MISSING", hop: "forwarder-node-1", text: /fd00:172:16::/ },
    })
    assert.deepEqual(await connectionsAt(node.manager), 0)
    assert.deepEqual([lab.interfaces("client"), lab.interfaces("nse-1")], [[], []])
  })

  it("the UDP port of the tunnels, which is taken: says ADDRESS_IN_USE, and leaves nothing", async () => {
    await using lab = await Lab.up()
    const near = await lab.addNode("node-1")
    const far = await lab.addNode("node-2")
    await lab.addEndpoint("nse-1", near)
    await using _holder = await holdPort(far.namespace, 4789)
    const { url: namespaceUrl } = lab.addNetwork("client")
    await using clients = lab.clients(far)
    await assertRefused(clients.request({ id: "refused", namespaceUrl }), {
      ...{ reason: "ADDRESS_IN_USE", hop: "forwarder-node-2", text: /4789/ },
    })
    for (const { manager, forwarder } of [near, far]) {
      assert.deepEqual(await connectionsAt(manager), 0)
      assert.deepEqual(await connectionsAt(forwarder), 0)
    }
    assert.deepEqual([lab.interfaces("client"), lab.interfaces("nse-1")], [[], []])
  })
})

/** Runs a program as root without a capability. */
function without(capability: string): readonly string[] {
  return ["setpriv", "--bounding-set", `-${capability}`, "--inh-caps", `-${capability}`]
}

/** Lets a process hold a UDP port in a network. */
async function holdPort(place: NetworkNamespace, port: number): Promise<AsyncDisposable> {
  const program = `require("dgram").createSocket("udp4").bind(${port}, () => console.log("held"))`
  const holder = place.spawn(process.execPath, ["-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  })
  await once(holder.stdout ?? holder, "data")
  return {
    async [Symbol.asyncDispose]() {
      const exit = exitOf(holder)
      holder.kill()
      await exit
    },
  }
}
