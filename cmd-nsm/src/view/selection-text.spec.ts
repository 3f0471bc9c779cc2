import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { NetworkServiceEndpointSchema, NetworkServiceSchema } from "@nsm/api"
import { readState, select, type SelectionState } from "@nsm/sdk"
import { selectionDocument } from "./selection-document.ts"
import { selectionText } from "./selection-text.ts"

const endpoint = (name: string, nodeName: string, labels: Record<string, string> = {}) =>
  create(NetworkServiceEndpointSchema, {
    name,
    url: `tcp://${nodeName}`,
    networkServiceLabels: { web: { labels: { nodeName, ...labels } } },
  })

const service = create(NetworkServiceSchema, {
  name: "web",
  matches: [
    { sourceSelector: { tier: "gold" }, routes: [{ destinationSelector: { kind: "fast" } }] },
    {
      routes: [
        { destinationSelector: { size: "big" }, weight: 3 },
        { destinationSelector: { size: "small" } },
      ],
    },
    { routes: [{ destinationSelector: {} }] },
  ],
})

const endpoints = [
  endpoint("big", "core", { size: "big" }),
  endpoint("small", "edge", { size: "small" }),
  endpoint("spare", "edge", { size: "small", priority: "1" }),
  endpoint("huge", "core", { size: "huge" }),
]

const state: SelectionState = {
  locality: ["nodeName"],
  endpoints: [
    {
      ...{ name: "small", service: "web", state: "ejected", failures: 3 },
      ...{ registration: { time: "", url: "tcp://edge" }, until: "2026-01-01T00:00:10.000Z" },
    },
  ],
  retryBudget: { left: 99, capacity: 100, percent: 20, perSecond: 10 },
  turns: [],
}

const written = (among = endpoints, known = service) => {
  const labels = { nodeName: "edge" }
  const selection = select({ service: known, endpoints: among, labels }, readState(state, "web"))
  return selectionDocument(selection, { node: "edge", forwarder: "forwarder-edge", state })
}

describe("the text of a selection", () => {
  it("says rule by rule, level by level and endpoint by endpoint why", () => {
    assert.equal(
      selectionText(written()),
      `
forwarder-edge chooses an endpoint of web for a client with nodeName=edge:

RULE  WHAT IT DOES
1     is for other clients: tier is missing, not "gold"
2     decides
3     is not looked at, for rule 2 decides

LEVEL  PRIORITY  SAME      USABLE  GETS
1      0         nodeName  0 %     0 %
2      0         -         100 %   100 %
3      1         nodeName  100 %   0 %

PLACE  ENDPOINT  NODE  LEVEL  WEIGHT  WHY
1      big       core  2      3       it is its turn
2      spare     edge  3      1       its priority is lower
3      small     edge  1      1       ejected until 2026-01-01T00:00:10.000Z: it keeps failing
-      huge      core  -      -       rule 2: size is "huge", not "big"
                                      rule 2: size is "huge", not "small"
`.trim(),
    )
  })

  it("says that there are no rules, and that nobody provides the service", () => {
    const text = selectionText(written([], create(NetworkServiceSchema, { name: "web" })))
    assert.match(text, /No match rules: everybody is allowed\.\n\nNobody provides it\.$/)
  })
})

describe("the document of a selection", () => {
  it("has the same for programs", () => {
    const document = written()
    assert.deepEqual(document.order, ["big", "spare", "small"])
    assert.equal(document.retriesLeft, 99)
    assert.deepEqual(document.rules, [
      {
        ...{ rule: 1, verdict: "source-differs" },
        misfit: { label: "tier", wanted: "gold" },
      },
      { rule: 2, verdict: "applied" },
      { rule: 3, verdict: "not-reached" },
    ])
    assert.deepEqual(document.endpoints[2], {
      ...{ name: "small", node: "edge", place: 3, why: "ejected", level: 1, weight: 1 },
      until: "2026-01-01T00:00:10.000Z",
    })
  })
})
