import assert from "node:assert/strict"
import { bind, element, outline } from "../../core/chain.ts"
import { seededRandom } from "../../core/random.ts"
import { unsignedTokens } from "../../identity/token.ts"
import { testCall } from "../../testing/call.ts"
import { FakeClock } from "../../testing/fake-clock.ts"
import { requestOf } from "../../testing/messages.ts"
import type { NetworkService } from "../service.ts"
import { grant } from "../tail.ts"
import { endpoint, type EndpointOptions, passthrough } from "./endpoint.ts"

const own = element<NetworkService>("own", () => ({}))
const clock = new FakeClock()
const options: EndpointOptions = {
  name: "hop",
  tokens: unsignedTokens({ clock }),
  random: seededRandom(1),
}

const head = ["update-path", "begin", "update-token", "connection-state", "timeout", "monitor"]

describe("endpoint", () => {
  it("is what every hop has, then what the endpoint provides", () => {
    const lines = ["endpoint", ...[...head, "trim-path", "own"].map((name) => `  ${name}`)]
    assert.equal(outline(endpoint(options, own)), lines.join("\n"))
  })

  it("ends the path and tells when both tokens end", async () => {
    const names = ["client", "hop", "former"]
    const pathSegments = names.map((name) => ({ name, id: `${name}-1` }))
    const request = requestOf({ id: "client-1", path: { index: 0, pathSegments } })
    const { path } = await bind(endpoint(options), grant).request(request, testCall({ clock }))
    assert.deepEqual(
      path?.pathSegments.map(({ name }) => name),
      ["client", "hop"],
    )
    assert.ok(path.pathSegments.every(({ expires }) => expires !== undefined))
  })
})

describe("passthrough", () => {
  it("is what every hop has, then what passes requests on", () => {
    const lines = ["passthrough", ...[...head, "own"].map((name) => `  ${name}`)]
    assert.equal(outline(passthrough(options, own)), lines.join("\n"))
  })

  it("leaves the path as it comes back", async () => {
    const names = ["client", "hop", "next"]
    const pathSegments = names.map((name) => ({ name, id: `${name}-1` }))
    const request = requestOf({ id: "client-1", path: { index: 0, pathSegments } })
    const { path } = await bind(passthrough(options), grant).request(request, testCall({ clock }))
    assert.equal(path?.pathSegments.length, 3)
  })
})
