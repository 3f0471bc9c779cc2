import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { NetworkServiceEndpointSchema } from "@nsm/api"
import { supposed, type WhatIf } from "./what-if.ts"

const endpoint = (name: string, nodeName: string) =>
  create(NetworkServiceEndpointSchema, {
    name,
    networkServiceLabels: { web: { labels: { nodeName, color: "blue" } } },
  })

const suppose = (whatIf: Partial<WhatIf>) =>
  supposed(
    [endpoint("a", "n1"), endpoint("b", "n2"), endpoint("c", "n2")],
    { withoutEndpoint: [], withoutNode: [], withLabel: [], ...whatIf },
    { service: "web", nodes: ["n1", "n2", "n3"] },
  )

const names = (whatIf: Partial<WhatIf>) => suppose(whatIf).map(({ name }) => name)

describe("what if", () => {
  it("changes nothing where nothing is supposed", () => {
    assert.deepEqual(names({}), ["a", "b", "c"])
  })

  it("endpoints or nodes were not there", () => {
    assert.deepEqual(names({ withoutEndpoint: ["a", "c"] }), ["b"])
    assert.deepEqual(names({ withoutNode: ["n2"] }), ["a"])
    assert.deepEqual(names({ withoutNode: ["n3"] }), ["a", "b", "c"])
    assert.deepEqual(names({ withoutNode: ["n2"], withoutEndpoint: ["a"] }), [])
  })

  it("endpoints had other labels", () => {
    const withLabel = [
      { endpoint: "b", key: "color", value: "green" },
      { endpoint: "b", key: "priority", value: "1" },
    ]
    const [a, b] = suppose({ withLabel })
    assert.deepEqual(a?.networkServiceLabels["web"]?.labels, { nodeName: "n1", color: "blue" })
    const labels = { nodeName: "n2", color: "green", priority: "1" }
    assert.deepEqual(b?.networkServiceLabels["web"]?.labels, labels)
  })

  it("is refused of what does not exist, and says what does", () => {
    const remedy = "Choose one of: a, b, c"
    const reason = "INVALID_CONFIGURATION"
    const withLabel = [{ endpoint: "d", key: "k", value: "v" }]
    for (const whatIf of [{ withoutEndpoint: ["d"] }, { withLabel }]) {
      const text = 'no endpoint of web is called "d"'
      assert.throws(() => suppose(whatIf), { reason, text, remedy })
    }
    const text = 'no node is called "n4"'
    assert.throws(() => suppose({ withoutNode: ["n4"] }), {
      ...{ reason, text, remedy: "Choose one of: n1, n2, n3" },
    })
  })
})
