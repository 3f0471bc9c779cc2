import assert from "node:assert/strict"
import type { MessageInitShape } from "@bufbuild/protobuf"
import type { Connection, ConnectionSchema } from "@nsm/api"
import { bind, chain } from "../../core/chain.ts"
import { seededRandom } from "../../core/random.ts"
import { testCall } from "../../testing/call.ts"
import { elementContract } from "../../testing/contract.ts"
import { requestOf } from "../../testing/messages.ts"
import { record } from "../../testing/probes.ts"
import { grant } from "../tail.ts"
import { updatePath } from "./update-path.ts"

const fixed = { integer: () => 0, uuid: () => "u" }

/** Ids u1, u2, … in order. */
function counted() {
  let count = 0
  return { integer: () => 0, uuid: () => `u${(count += 1)}` }
}

/** What a hop makes of a connection on its way in and back out. */
async function through(name: string, connection: MessageInitShape<typeof ConnectionSchema>) {
  const seen = record()
  const service = bind(chain("hop", updatePath({ name, random: counted() }), seen), grant)
  const request = requestOf(connection)
  const back = await service.request(request, testCall())
  const [inside] = seen.requests
  assert.ok(inside?.message.connection)
  return { request, inside: inside.message.connection, back }
}

/** A connection in short: `id@index name/id …`. */
function shown({ id, path }: Connection): string {
  const segments = path?.pathSegments.map((segment) => `${segment.name}/${segment.id}`) ?? []
  return [`${id}@${path?.index}`, ...segments].join(" ")
}

const segments = (text: string) =>
  text.split(" ").map((part) => {
    const [name = "", id = ""] = part.split("/")
    return { name, id }
  })

describe("updatePath", () => {
  elementContract(() => updatePath({ name: "hop", random: fixed }))
  elementContract(() => updatePath({ name: "next", random: fixed }))

  it("begins a path with the id of the connection", async () => {
    const { inside, back } = await through("client", { id: "c1" })
    assert.equal(shown(inside), "c1@0 client/c1")
    assert.equal(shown(back), "c1@0 client/c1")
  })

  it("begins a path with an id of its own where the connection has none", async () => {
    const { inside, back } = await through("client", { id: "" })
    assert.equal(shown(inside), "u1@0 client/u1")
    assert.equal(shown(back), "u1@0 client/u1")
  })

  it("adds itself behind the caller and gives the caller its id and place back", async () => {
    const path = { index: 0, pathSegments: segments("client/c1") }
    const { inside, back } = await through("manager", { id: "c1", path })
    assert.equal(shown(inside), "u1@1 client/c1 manager/u1")
    assert.equal(shown(back), "c1@0 client/c1 manager/u1")
  })

  it("keeps its id when the caller comes back", async () => {
    const path = { index: 0, pathSegments: segments("client/c1 manager/m1 endpoint/e1") }
    const { inside, back } = await through("manager", { id: "c1", path })
    assert.equal(shown(inside), "m1@1 client/c1 manager/m1 endpoint/e1")
    assert.equal(shown(back), "c1@0 client/c1 manager/m1 endpoint/e1")
  })

  it("stays where it is when its own segment is current", async () => {
    const path = { index: 1, pathSegments: segments("client/c1 manager/m1 endpoint/e1") }
    const { inside, back } = await through("manager", { id: "whatever", path })
    assert.equal(shown(inside), "m1@1 client/c1 manager/m1 endpoint/e1")
    assert.equal(shown(back), "m1@1 client/c1 manager/m1 endpoint/e1")
  })

  it("takes the place of another hop under a new id and keeps what lies behind", async () => {
    const path = { index: 0, pathSegments: segments("client/c1 former/f1 endpoint/e1") }
    const { inside } = await through("manager", { id: "c1", path })
    assert.equal(shown(inside), "u1@1 client/c1 manager/u1 endpoint/e1")
  })

  it("takes a new id where its own was lost", async () => {
    const path = { index: 0, pathSegments: segments("client/c1 manager/") }
    const { inside } = await through("manager", { id: "c1", path })
    assert.equal(shown(inside), "u1@1 client/c1 manager/u1")
  })

  it("rejects an index outside of the path", async () => {
    const path = { index: 2, pathSegments: segments("client/c1 manager/m1") }
    await assert.rejects(through("endpoint", { id: "m1", path }), {
      reason: "PATH_INVALID",
      text: "path.index is 2, but path.path_segments has 2 entries",
    })
  })

  it("rejects a connection whose id is not that of the current segment", async () => {
    const path = { index: 0, pathSegments: segments("client/c1") }
    await assert.rejects(through("manager", { id: "c2", path }), {
      reason: "PATH_INVALID",
      text: 'connection.id is "c2", but path segment 0 (client) has the id "c1"',
    })
  })

  it("closes under the id that it requests under", async () => {
    const seen = record()
    const random = seededRandom(1)
    const service = bind(chain("hop", updatePath({ name: "manager", random }), seen), grant)
    const path = { index: 0, pathSegments: segments("client/c1") }
    const granted = await service.request(requestOf({ id: "c1", path }), testCall())
    await service.close(granted, testCall())
    assert.equal(seen.closes[0]?.message.id, seen.requests[0]?.message.connection?.id)
  })

  it("gives four hops the path of the interoperability example", async () => {
    const hops = ["n0", "n1", "n2", "n3"].map((name) => updatePath({ name, random: counted() }))
    const seen = record()
    const service = bind(chain("hops", ...hops, seen), grant)
    const back = await service.request(requestOf({ id: "nsc-0" }), testCall())
    const [inside] = seen.granted
    assert.ok(inside)
    assert.equal(shown(inside), "u1@3 n0/nsc-0 n1/u1 n2/u1 n3/u1")
    assert.equal(shown(back), "nsc-0@0 n0/nsc-0 n1/u1 n2/u1 n3/u1")
  })
})
