import assert from "node:assert/strict"
import { readlinkSync } from "node:fs"
import { causes, NsmError } from "@nsm/sdk"
import { Links } from "../links/links.ts"
import { createNamespace } from "../namespace/create-namespace.ts"
import { currentNamespacePath, type NetworkNamespace } from "../namespace/network-namespace.ts"
import { kernelSuite } from "../testing/kernel-suite.ts"
import { clientEnd, endpointEnd, joined, names, state, veth, vxlan } from "../testing/wires.ts"
import { passes } from "../testing/workloads.ts"
import { Wiring } from "./wiring.ts"

const program = new URL("./wire-thread.spec.main.ts", import.meta.url)

describe("a wiring with a thread of its own", function () {
  this.timeout(20_000)
  const cleanup = kernelSuite()

  const namespace = (): NetworkNamespace => cleanup.use(createNamespace())
  const wiringWith = (thread: URL, node = namespace()): Wiring =>
    cleanup.use(new Wiring({ node, thread }))

  it("makes the same wires as without, many at once, and stays where it is", async () => {
    const home = readlinkSync(currentNamespacePath)
    const endpoint = namespace()
    const clients = Array.from({ length: 20 }, namespace)
    const [threaded, plain] = [wiringWith(program), cleanup.use(new Wiring({ node: namespace() }))]
    const apply = (wiring: Wiring, at: number): Promise<unknown> => {
      const client = clientEnd(clients[at] as NetworkNamespace, { alias: `server-${at}` })
      const other = { name: `nse-${at}`, alias: `client-${at}`, addresses: [], routes: [] }
      return wiring.apply(`${at}`, veth(client, endpointEnd(endpoint, other)))
    }
    await Promise.all(clients.map((_, at) => apply(at === 0 ? plain : threaded, at)))
    const [expected, ...found] = clients.map(state)
    for (const [index, { links, ...rest }] of found.entries()) {
      const alias = `server-${index + 1}`
      const alike = expected?.links.map((link) => ({ ...link, alias }))
      assert.deepEqual({ links, ...rest }, { ...expected, links: alike })
    }
    assert.equal(names(endpoint).length, 20)
    assert.equal(readlinkSync(currentNamespacePath), home)
    await threaded[Symbol.asyncDispose]()
    assert.deepEqual(names(endpoint), ["nse-0"])
  })

  it("makes tunnels with their sockets on its node", async () => {
    const [here, there, client, endpoint] = [namespace(), namespace(), namespace(), namespace()]
    await joined(here, there)
    const [one, two] = [wiringWith(program, here), wiringWith(program, there)]
    await one.apply("a", vxlan(clientEnd(client)))
    await two.apply("a", vxlan(endpointEnd(endpoint)))
    await passes(client, "172.16.1.0")
  })

  it("brings back what the kernel refused, with what led to it, and leaves nothing behind", async () => {
    const [client, endpoint] = [namespace(), namespace()]
    new Links(endpoint).createBridge({ name: "nse-1" })
    const wiring = wiringWith(program)
    await assert.rejects(
      wiring.apply("a", veth(clientEnd(client), endpointEnd(endpoint))),
      (error: unknown) => {
        assert.ok(error instanceof NsmError)
        assert.equal(error.reason, "INTERFACE_NAME_TAKEN")
        assert.ok(error.text.endsWith(`"nse-1" exists already in ${endpoint.url}`), error.text)
        assert.equal(causes(error).length, 1)
        return true
      },
    )
    assert.deepEqual([names(client), names(endpoint)], [[], ["nse-1"]])
  })

  it("says so when the thread breaks, and begins another one", async () => {
    const breaking = `
      import { parentPort } from "node:worker_threads"
      parentPort.on("message", () => { throw new Error("it broke") })`
    const wiring = wiringWith(new URL(`data:text/javascript,${encodeURIComponent(breaking)}`))
    const [client, endpoint] = [namespace(), namespace()]
    for (const id of ["a", "b"]) {
      await assert.rejects(
        wiring.apply(id, veth(clientEnd(client), endpointEnd(endpoint))),
        (error: unknown) => {
          assert.match(String(error), /INTERNAL: the thread that makes wires has ended/)
          assert.deepEqual(causes(error).map(String), ["Error: it broke"])
          return true
        },
      )
    }
    assert.equal(wiring.size, 0)
  })
})
