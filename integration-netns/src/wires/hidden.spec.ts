import assert from "node:assert/strict"
import { mkdirSync, readdirSync, statSync } from "node:fs"
import { setTimeout as wait } from "node:timers/promises"
import { type Audit, echo, Links } from "@nsm/sdk-kernel"
import { type Deviation, Lab, type LabNode } from "../lab/lab.ts"
import { needsPrivilege } from "../lab/privilege.ts"

/**
 * Moves a program away from the network it is for, which then only a file in its own mount namespace
 * leads to: nobody else can find it by a path.
 */
const hides = [
  ...["unshare", "--mount", "--propagation", "private", "sh", "-e", "-c"],
  'mount -t tmpfs none "$HIDDEN"; touch "$HIDDEN/net"; mount --bind /proc/self/ns/net "$HIDDEN/net"; exec unshare --net "$@"',
  "sh",
]

describe("workloads whose files only they see", function () {
  this.timeout(60_000)
  let lab: Lab
  let node: LabNode
  before(needsPrivilege)
  before(async () => {
    lab = await Lab.up()
    node = await lab.addNode("node-1")
  })
  after(() => lab?.[Symbol.asyncDispose]())

  const hidden = (name: string): Required<Pick<Deviation, "through" | "settings">> => {
    const folder = `${lab.directory}/${name}.hidden`
    mkdirSync(folder)
    const settings = {
      HIDDEN: folder,
      NSM_NAMESPACE_URL: `file://${folder}/net`,
      NSM_LISTEN_ON: `unix://${folder}/listen.on`,
      // Otherwise its socket is held until its registration expires.
      NSM_UNREGISTER_ITSELF: "true",
      // It belongs to the endpoint that registered it first.
      NSM_REGISTER_SERVICE: String(name === "nse-1"),
    }
    return { through: hides, settings }
  }

  /** A client has its wire to an endpoint, and both go. Answers what their files were. */
  const round = async (count: number): Promise<ReadonlySet<string>> => {
    const [client, endpoint] = [`nsc-${count}`, `nse-${count}`]
    const nse = await lab.addEndpoint(endpoint, node, hidden(endpoint))
    assert.deepEqual(readdirSync(`${lab.directory}/${endpoint}.hidden`), [])
    const listensOn = `/proc/${nse.process.pid}/root${lab.directory}/${endpoint}.hidden/listen.on`
    const nsc = lab.addClient(client, node, "kernel://icmp-responder/nsm-1", hidden(client))
    await nsc.process.ready()
    const places = [client, endpoint].map((name) => inodeText(lab.network(name).inode))
    const files = new Set([...places, inodeText(statSync(listensOn))])
    for (const { pid } of [node.manager, node.forwarder]) assert.ok(held(pid, files) > 0)
    assert.deepEqual(lab.interfaces(client), ["nsm-1"])
    assert.equal(lab.interfaces(endpoint).length, 1)
    const { received } = await echo({ namespace: nsc.namespace, destination: "172.16.0.0" })
    assert.equal(received, 1)
    await nsc.process[Symbol.asyncDispose]()
    assert.deepEqual([...lab.interfaces(client), ...lab.interfaces(endpoint)], [])
    await nse.process[Symbol.asyncDispose]()
    return files
  }

  it("get their wires, for they send their namespaces and sockets to the manager", async () => {
    await round(1)
  })

  it("keep their wire when the forwarder starts anew, for they send what it lost with it", async () => {
    const [client, endpoint] = ["nsc-3", "nse-3"]
    const nse = await lab.addEndpoint(endpoint, node, hidden(endpoint))
    const nsc = lab.addClient(client, node, "kernel://icmp-responder/nsm-1", hidden(client))
    await nsc.process.ready()
    const before = indexes(client, endpoint)
    await node.forwarder.end()
    await node.forwarder.start().ready()
    const wires = async (): Promise<number> =>
      (JSON.parse(await node.forwarder.page("/audit")) as Audit).wires.length
    await becomes(wires, 1)
    assert.deepEqual(indexes(client, endpoint), before)
    await nsc.process[Symbol.asyncDispose]()
    await nse.process[Symbol.asyncDispose]()
    assert.deepEqual([...lab.interfaces(client), ...lab.interfaces(endpoint)], [])
  })

  const indexes = (...names: readonly string[]): readonly number[] =>
    names.flatMap((name) => new Links(lab.network(name)).list().map((link) => link.index))

  it("leave none of their files behind in the manager and the forwarder", async () => {
    const files = await round(2)
    await becomes(() => held(node.manager.pid, files) + held(node.forwarder.pid, files), 0)
  })
})

/** How many of these files a process holds. */
function held(pid: number, files: ReadonlySet<string>): number {
  const folder = `/proc/${pid}/fd`
  return readdirSync(folder).filter((fd) => {
    const found = statSync(`${folder}/${fd}`, { throwIfNoEntry: false })
    return found && files.has(inodeText(found))
  }).length
}

function inodeText({ dev, ino }: { readonly dev: number; readonly ino: number }): string {
  return `${dev}:${ino}`
}

/** Waits until something is so: files that were passed are kept for ten seconds. */
async function becomes(look: () => unknown, wanted: unknown): Promise<void> {
  for (const until = Date.now() + 20_000; Date.now() < until; await wait(50)) {
    if (JSON.stringify(await look()) === JSON.stringify(wanted)) return
  }
  assert.deepEqual(await look(), wanted)
}
