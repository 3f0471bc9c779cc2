import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { ConnectionSchema } from "@nsm/api"
import * as fc from "fast-check"
import { aliasOf } from "./identity.ts"
import { aliasParts, forwarderWord, ownedAlias } from "./owner.ts"

const end = (id: string): string => aliasOf("client", create(ConnectionSchema, { id }))

describe("ownedAlias", () => {
  it("begins with the end of the wire and says who made it", () => {
    const alias = ownedAlias(end("nsc-0"), { forwarder: "forwarder-1", node: 4026531840 })
    assert.equal(alias, "server-nsc-0 of forwarder-1 in net:[4026531840]")
  })

  it("can be read again and fits into the kernel, whatever the names are", () => {
    const names = fc.string({ unit: "binary", minLength: 1, maxLength: 400 })
    fc.assert(
      fc.property(names, names, fc.nat(), (id, forwarder, node) => {
        const alias = ownedAlias(end(id), { forwarder, node })
        assert.ok(Buffer.byteLength(alias) < 256, alias)
        const owner = { forwarder: forwarderWord(forwarder), node }
        assert.deepEqual(aliasParts(alias), { end: end(id), owner })
      }),
    )
  })

  it("tells long names apart", () => {
    const long = "x".repeat(500)
    assert.notEqual(end(`${long}1`), end(`${long}2`))
    assert.equal(end(`${long}1`), end(`${long}1`))
  })
})

describe("aliasParts", () => {
  it("knows the ends that others made, without an owner", () => {
    assert.deepEqual(aliasParts("client-nsc-0"), { end: "client-nsc-0", owner: undefined })
  })

  for (const alias of [undefined, "", "eth0", "server-", "server-a b", "my server-a"]) {
    it(`takes ${JSON.stringify(alias) ?? "none"} for no wire's end`, () => {
      assert.equal(aliasParts(alias), undefined)
    })
  }
})
