import assert from "node:assert/strict"
import { type Domain, startDomain } from "./domain.ts"
import type { Liveness } from "../../networkservice/common/heal/liveness.ts"
import type { DomainClient } from "./client.ts"
import type { DomainEndpoint } from "./endpoint.ts"
import type { DomainNode } from "./node.ts"

const count = (all: readonly string[], name: string): number =>
  all.filter((each) => each === name).length

/** Which endpoints a client gets, request after request. */
async function granted(client: DomainClient, requests: number): Promise<readonly string[]> {
  const names: string[] = []
  for (let request = 0; request < requests; request++) {
    names.push((await client.request("web")).networkServiceEndpointName)
  }
  return names
}

describe("three endpoints on two nodes", () => {
  let domain: Domain
  let [here, there]: readonly DomainNode[] = []
  let endpoints: ReadonlyMap<string, DomainEndpoint>

  /** An endpoint here, and two there, with labels each. */
  async function start(
    labels: Readonly<Record<"near" | "far" | "spare", Record<string, string>>>,
    ...[options]: Parameters<typeof startDomain>
  ): Promise<{ client: DomainClient }> {
    domain = await startDomain(options)
    ;[here, there] = [await domain.node("here"), await domain.node("there")]
    const made = new Map<string, DomainEndpoint>()
    for (const [name, own] of Object.entries(labels)) {
      const node = name === "near" ? here : there
      const option = { service: "web", labels: { name, ...own } }
      made.set(name, await node.endpoint(name, option))
    }
    endpoints = made
    return { client: here.client("client", { healing: "none" }) }
  }
  afterEach(async () => {
    await domain[Symbol.asyncDispose]()
    assert.equal(domain.clock.pending, 0, "timers are left")
  })

  const plain = { near: {}, far: {}, spare: {} }

  it("share requests by the weights of the service's routes", async () => {
    const { client } = await start(plain)
    const weights = { near: 3, far: 2, spare: 0 }
    const routes = Object.entries(weights).map(([name, weight]) => ({
      ...{ destinationSelector: { name }, weight },
    }))
    await domain.service({ name: "web", payload: "ETHERNET", matches: [{ routes }] })
    const names = await granted(client, 12)
    const shares = ["near", "far", "spare"].map((name) => count(names, name))
    assert.deepEqual(shares, [6, 4, 2])
    for (const [at, [, { connections }]] of [...endpoints].entries()) {
      assert.equal(connections.size, shares[at], "what was granted is not what they hold")
    }
  })

  it("take turns where nothing is said about them", async () => {
    const { client } = await start(plain)
    const names = await granted(client, 6)
    assert.deepEqual(names.slice(0, 3).toSorted(), ["far", "near", "spare"])
    assert.deepEqual(names.slice(3), names.slice(0, 3))
  })

  it("wait for their turn by priority, and take over when those before them die", async () => {
    const { client } = await start({ near: {}, far: {}, spare: { priority: "1" } })
    assert.equal(count(await granted(client, 4), "spare"), 0)
    await endpoints.get("far")?.kill()
    // Until it is plain that it is dead, each request for it goes on to the next one of its level.
    assert.equal(count(await granted(client, 6), "near"), 6)
    // Half of the first level is left, which bears 70 %.
    const names = await granted(client, 10)
    assert.deepEqual([count(names, "near"), count(names, "spare")], [7, 3])
  })

  it("are asked near before far, when the forwarder is told what near is", async () => {
    const { client } = await start(plain, { choosing: { locality: ["nodeName"] } })
    assert.deepEqual(await granted(client, 3), ["near", "near", "near"])
    await endpoints.get("near")?.kill()
    const names = await granted(client, 6)
    assert.deepEqual([count(names, "far"), count(names, "spare")], [3, 3])
  })

  it("take a request each when they race for it", async () => {
    const { client } = await start(plain, { choosing: { isRacing: true } })
    const names = await granted(client, 6)
    const held = [...endpoints.values()].reduce((sum, { connections }) => sum + connections.size, 0)
    assert.deepEqual([names.length, held], [6, 6])
  })

  it("are left for another by a client that heals, and not taken back while there is one", async () => {
    await start(plain)
    const healing = here?.client("healing")
    assert.ok(healing && there)
    const { id, networkServiceEndpointName: former } = await healing.request("web")
    const now = () => healing.connections.get(id)?.networkServiceEndpointName ?? ""
    assert.equal(now(), former)
    await endpoints.get(former)?.kill()
    await domain.pass(1000)
    const next = now()
    assert.notEqual(next, former)
    await domain.pass(600_000)
    assert.equal(now(), next, "a refresh has changed the endpoint")
  })

  it("are left for another though they live, where a client says that its wire is dead", async () => {
    await start(plain)
    let dead = ""
    const liveness: Liveness = async ({ networkServiceEndpointName: name }) => name !== dead
    const healing = here?.client("healing", { healing: { liveness } })
    assert.ok(healing && here)
    const { id, networkServiceEndpointName: former } = await healing.request("web")
    dead = former
    // A new one has not taken any turns: it would choose as the first one did.
    await here.killForwarder()
    await here.startForwarder()
    await domain.pass(1000)
    const now = healing.connections.get(id)?.networkServiceEndpointName
    assert.ok(now !== undefined && now !== former, `${now} is ${former}`)
  })
})
