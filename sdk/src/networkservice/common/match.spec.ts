import { create, type MessageInitShape } from "@bufbuild/protobuf"
import {
  type NetworkServiceEndpoint,
  NetworkServiceEndpointSchema,
  NetworkServiceSchema,
} from "@nsm/api"
import assert from "node:assert/strict"
import { matchEndpoints, matchForwarders } from "./match.ts"

describe("matchEndpoints", () => {
  const web = endpoint("web", { app: "web" })
  const db = endpoint("db", { app: "db", nodeName: "n1" })
  const bare = create(NetworkServiceEndpointSchema, { name: "bare" })
  const all = [web, db, bare]

  it("allows all where there are no rules", () => {
    assert.deepEqual(named({}, [], all), ["web", "db", "bare"])
  })

  it("follows the first rule whose source fits, its routes in order", () => {
    const matches = [
      { sourceSelector: { app: "other" }, routes: [{}] },
      { sourceSelector: { app: "client" }, routes: [to({ app: "db" }), to({ app: "web" })] },
      { routes: [{}] },
    ]
    assert.deepEqual(named({ app: "client" }, matches, all), ["db", "web"])
    assert.deepEqual(named({ app: "nobody" }, matches, all), ["web", "db", "bare"])
  })

  it("names an endpoint once, by whatever routes it is led to", () => {
    const matches = [{ routes: [to({ app: "db" }), to({})] }]
    assert.deepEqual(named({}, matches, all), ["db", "web", "bare"])
  })

  it("finds nobody where no source fits", () => {
    assert.deepEqual(named({}, [{ sourceSelector: { app: "x" }, routes: [to({})] }], all), [])
  })

  it("finds nobody where the rule that applies leads nowhere", () => {
    assert.deepEqual(named({}, [{ routes: [to({ app: "x" })] }, { routes: [to({})] }], all), [])
  })

  it("falls through to the next rule where one leads nowhere and says so", () => {
    const matches = [
      { fallthrough: true, routes: [to({ app: "x" })] },
      { routes: [to({ app: "web" })] },
    ]
    assert.deepEqual(named({}, matches, all), ["web"])
  })

  it("prefers an endpoint on the client's node by template", () => {
    const local = { fallthrough: true, routes: [to({ nodeName: "{{.nodeName}}" })] }
    const matches = [local, { routes: [to({})] }]
    assert.deepEqual(named({ nodeName: "n1" }, matches, all), ["db"])
    assert.deepEqual(named({ nodeName: "n2" }, matches, all), ["web", "db", "bare"])
  })

  it("allows all where a rule has metadata and no routes", () => {
    assert.deepEqual(named({}, [{ metadata: { labels: { a: "b" } } }], all), ["web", "db", "bare"])
    assert.deepEqual(named({}, [{}], all), [])
  })

  it("falls through before metadata allows all", () => {
    assert.deepEqual(named({}, [{ metadata: {}, fallthrough: true }], all), [])
  })
})

describe("matchForwarders", () => {
  const plain = endpoint("plain", { p2p: "true" }, "forwarder")
  const special = endpoint("special", { capability: "x", nodeName: "n1" }, "forwarder")
  const stranger = create(NetworkServiceEndpointSchema, { name: "stranger" })
  const all = [plain, special, stranger]
  const chosen = (client: Record<string, string>, matches: Matches): string[] =>
    matchForwarders(client, service(matches), all, "forwarder").map(({ name }) => name)

  it("takes every forwarder where there are no rules", () => {
    assert.deepEqual(chosen({}, []), ["plain", "special", "stranger"])
  })

  it("takes those that join two wires where a rule has no metadata", () => {
    assert.deepEqual(chosen({}, [{}]), ["plain"])
    assert.deepEqual(chosen({}, [{ metadata: {} }]), ["plain"])
  })

  it("takes those with the labels of the rule's metadata, filled in", () => {
    assert.deepEqual(chosen({}, [{ metadata: { labels: { capability: "x" } } }]), ["special"])
    const onNode = [{ metadata: { labels: { nodeName: "{{.nodeName}}" } } }]
    assert.deepEqual(chosen({ nodeName: "n1" }, onNode), ["special"])
    assert.deepEqual(chosen({ nodeName: "n2" }, onNode), [])
  })

  it("passes over rules for other clients, and falls through where a rule says so", () => {
    assert.deepEqual(chosen({}, [{ sourceSelector: { a: "b" } }]), [])
    const matches = [{ fallthrough: true, metadata: { labels: { capability: "y" } } }, {}]
    assert.deepEqual(chosen({}, matches), ["plain"])
  })
})

type Matches = NonNullable<MessageInitShape<typeof NetworkServiceSchema>["matches"]>

function to(destinationSelector: Record<string, string>): {
  destinationSelector: Record<string, string>
} {
  return { destinationSelector }
}

function service(matches: Matches): ReturnType<typeof create<typeof NetworkServiceSchema>> {
  return create(NetworkServiceSchema, { name: "svc", matches })
}

function endpoint(
  name: string,
  labels: Record<string, string>,
  of = "svc",
): NetworkServiceEndpoint {
  return create(NetworkServiceEndpointSchema, { name, networkServiceLabels: { [of]: { labels } } })
}

function named(
  client: Record<string, string>,
  matches: Matches,
  endpoints: readonly NetworkServiceEndpoint[],
): string[] {
  return matchEndpoints(client, service(matches), endpoints).map(({ name }) => name)
}
