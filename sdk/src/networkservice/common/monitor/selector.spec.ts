import assert from "node:assert/strict"
import { create, type MessageInitShape } from "@bufbuild/protobuf"
import { ConnectionSchema, MonitorScopeSelectorSchema, type PathSegmentSchema } from "@nsm/api"
import { isSelected } from "./selector.ts"

type Segments = readonly MessageInitShape<typeof PathSegmentSchema>[]

const connection = create(ConnectionSchema, {
  networkService: "service-1",
  path: {
    pathSegments: [
      { name: "client", id: "c1", token: "t1" },
      { name: "manager", id: "m1", token: "t2" },
      { name: "endpoint", id: "e1", token: "t3" },
    ],
  },
})

function selects(pathSegments: Segments, networkServices: readonly string[] = []): boolean {
  const init = { pathSegments: [...pathSegments], networkServices: [...networkServices] }
  return isSelected(connection, create(MonitorScopeSelectorSchema, init))
}

describe("isSelected", () => {
  const cases: readonly (readonly [string, boolean, Segments, (readonly string[])?])[] = [
    ["everything where nothing is asked for", true, []],
    ["a segment by its name", true, [{ name: "manager" }]],
    ["a segment by its id", true, [{ id: "m1" }]],
    ["a segment by its token", true, [{ token: "t2" }]],
    ["a segment by all of them", true, [{ name: "manager", id: "m1", token: "t2" }]],
    ["no segment of which something differs", false, [{ name: "manager", id: "c1" }]],
    ["segments in a row", true, [{ name: "manager" }, { name: "endpoint" }]],
    ["any segment where one is empty", true, [{ name: "client" }, {}, { name: "endpoint" }]],
    ["no segments with another between", false, [{ name: "client" }, { name: "endpoint" }]],
    ["no segments beyond the end", false, [{ name: "endpoint" }, {}]],
    ["no segments in another order", false, [{ name: "endpoint" }, { name: "manager" }]],
    ["its network service", true, [], ["service-2", "service-1"]],
    ["no other network service", false, [{ name: "manager" }], ["service-2"]],
  ]
  for (const [title, expected, segments, services] of cases) {
    it(`selects ${title}`, () => assert.equal(selects(segments, services), expected))
  }

  it("selects a connection without a path only where no segment is asked for", () => {
    const bare = create(ConnectionSchema)
    assert.ok(isSelected(bare, create(MonitorScopeSelectorSchema)))
    assert.ok(!isSelected(bare, create(MonitorScopeSelectorSchema, { pathSegments: [{}] })))
  })
})
