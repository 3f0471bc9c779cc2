import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { type Connection, ConnectionSchema } from "@nsm/api"
import { jwt } from "@nsm/sdk/testing"
import { aliasOf } from "./identity.ts"

function connectionOf(subject: string | undefined, id = "nsc-0"): Connection {
  const token = subject === undefined ? "" : jwt({ sub: subject, aud: ["spiffe://d/manager"] })
  return create(ConnectionSchema, {
    id: "forwarder-7",
    path: { pathSegments: [{ name: "nsc", id, token }, { id: "forwarder-7" }] },
  })
}

describe("aliasOf", () => {
  it("is the client's own connection id, with the side that it leads to", () => {
    assert.equal(aliasOf("client", connectionOf(undefined)), "server-nsc-0")
    assert.equal(aliasOf("endpoint", connectionOf(undefined)), "client-nsc-0")
  })

  it("tells clients apart that chose the same id", () => {
    const [one, other] = ["spiffe://d/one", "spiffe://d/other"].map((subject) =>
      aliasOf("endpoint", connectionOf(subject)),
    )
    assert.match(`${one}`, /^client-nsc-0~[0-9a-f]{16}$/)
    assert.notEqual(one, other)
    assert.equal(one, aliasOf("endpoint", connectionOf("spiffe://d/one")))
  })

  it("leaves place for its owner in the 255 bytes that an alias may have", () => {
    const long = connectionOf("spiffe://d/one", "é".repeat(500))
    assert.ok(aliasOf("client", long).length <= 160)
  })
})
