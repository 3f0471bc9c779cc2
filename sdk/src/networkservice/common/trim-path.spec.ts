import assert from "node:assert/strict"
import { bind } from "../../core/chain.ts"
import { testCall } from "../../testing/call.ts"
import { elementContract } from "../../testing/contract.ts"
import { requestOf } from "../../testing/messages.ts"
import { grant } from "../tail.ts"
import { trimPath } from "./trim-path.ts"

const names = ["client", "manager", "endpoint", "former"]
const pathSegments = names.map((name) => ({ name, id: name }))

describe("trimPath", () => {
  elementContract(() => trimPath())

  it("ends the path at this hop", async () => {
    const request = requestOf({ path: { index: 2, pathSegments } })
    const { path } = await bind(trimPath(), grant).request(request, testCall())
    assert.deepEqual(
      path?.pathSegments.map(({ name }) => name),
      ["client", "manager", "endpoint"],
    )
    assert.equal(path?.index, 2)
  })

  it("leaves a path alone that ends here", async () => {
    const request = requestOf({ path: { index: 3, pathSegments } })
    const { path } = await bind(trimPath(), grant).request(request, testCall())
    assert.equal(path, request.connection?.path)
  })
})
