import assert from "node:assert/strict"
import type { Connection } from "@nsm/api"
import { ipContextOf } from "../../networkservice/connection.ts"
import { MapLeaseStore } from "../map-lease-store.ts"
import type { DomainClient } from "./client.ts"
import { type Domain, startDomain } from "./domain.ts"
import type { DomainNode } from "./node.ts"

describe("the addresses of a client in a domain", () => {
  let domain: Domain
  let node: DomainNode
  beforeEach(async () => {
    domain = await startDomain()
    node = await domain.node("here")
  })
  afterEach(async () => {
    await domain[Symbol.asyncDispose]()
    assert.equal(domain.clock.pending, 0, "timers are left")
  })
  const addresses = (connection: Connection | undefined): readonly string[] =>
    connection ? ipContextOf(connection).srcIpAddrs : []
  const held = ({ connections }: DomainClient) => [...connections.values()].flatMap(addresses)
  const pools = { service: "echo", cidrs: "10.0.0.0/24,fd00::/64" }

  it("are the same after a restart of the endpoint, though others come first", async () => {
    const leases = new MapLeaseStore()
    const first = await node.endpoint("echo-1", { ...pools, leases })
    const clients = ["a", "b"].map((name) => node.client(name))
    const before = [
      ["10.0.0.1/32", "fd00::1/128"],
      ["10.0.0.3/32", "fd00::3/128"],
    ]
    for (const client of clients) await client.request("echo")
    assert.deepEqual(clients.map(held), before)
    await first.kill()
    const again = await node.endpoint("echo-1", { ...pools, leases })
    const other = await node.client("c").request("echo")
    assert.deepEqual(addresses(other), ["10.0.0.5/32", "fd00::5/128"])
    await domain.pass(5000)
    assert.deepEqual(clients.map(held), before)
    assert.equal(again.connections.size, 3)
  })

  it("go along to another endpoint where they are free", async () => {
    const first = await node.endpoint("echo-1", pools)
    const client = node.client("a")
    await client.request("echo")
    await node.endpoint("echo-2", pools)
    await first.kill()
    await domain.pass(5000)
    const [connection] = client.connections.values()
    assert.equal(connection?.networkServiceEndpointName, "echo-2")
    assert.deepEqual(held(client), ["10.0.0.1/32", "fd00::1/128"])
  })

  it("are exchanged, not added to, at an endpoint with other pools", async () => {
    const first = await node.endpoint("echo-1", pools)
    const client = node.client("a")
    await client.request("echo")
    await node.endpoint("echo-2", { service: "echo", cidrs: "10.7.0.0/24" })
    await first.kill()
    await domain.pass(5000)
    const [connection] = client.connections.values()
    assert.equal(connection?.networkServiceEndpointName, "echo-2")
    assert.deepEqual(held(client), ["10.7.0.1/32"])
    const { srcRoutes } = ipContextOf(connection)
    assert.deepEqual(
      srcRoutes.map(({ prefix }) => prefix),
      ["10.7.0.0/32"],
    )
  })

  it("do not change in an hour of refreshes", async () => {
    await node.endpoint("echo-1", pools)
    const client = node.client("a")
    await client.request("echo")
    await domain.pass(3_600_000)
    assert.deepEqual(held(client), ["10.0.0.1/32", "fd00::1/128"])
  })
})
