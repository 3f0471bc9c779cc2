import assert from "node:assert/strict"
import { NsmError } from "@nsm/sdk"
import { parseTopology } from "./parse.ts"

function refusal(text: string): string {
  try {
    parseTopology(text, "t.yaml")
  } catch (thrown) {
    assert.ok(thrown instanceof NsmError)
    assert.equal(thrown.reason, "INVALID_CONFIGURATION")
    return thrown.text
  }
  throw new assert.AssertionError({ message: "the text was taken for a topology" })
}

describe("parseTopology", () => {
  it("fills in defaults", () => {
    const text = "nodes:\n  - name: n1\n"
    const { name, underlay, selection, endpoints, clients } = parseTopology(text, "t.yaml")
    assert.equal(name, "default")
    assert.deepEqual(underlay, { ipv4: "10.200.0.0/24", ipv6: "fd00:200::/64", mtu: 1500 })
    assert.deepEqual(selection, { locality: [], race: false })
    assert.deepEqual([endpoints, clients], [[], []])
    const described = "nodes: [{name: n}]\nservices: [{name: s, matches: [{routes: []}]}]\n"
    const [service] = parseTopology(described, "t.yaml").services
    const matches = [{ source_selector: {}, routes: [], fallthrough: false }]
    assert.deepEqual(service, { name: "s", payload: "ETHERNET", matches })
  })

  it("gives an endpoint both families unless told otherwise", () => {
    const text = "nodes: [{name: n1}]\nendpoints:\n  - {name: e1, node: n1, services: [s]}\n"
    const [endpoint] = parseTopology(text, "t.yaml").endpoints
    assert.deepEqual(endpoint?.cidrs, ["172.16.0.0/24", "fd00:172:16::/64"])
    assert.equal(endpoint?.payload, "ETHERNET")
    assert.deepEqual(endpoint?.labels, {})
  })

  const wrong: readonly [what: string, text: string, says: RegExp][] = [
    [
      "an unknown field, with its line",
      "nodes:\n  - name: n1\n    colour: red\n",
      /t\.yaml:3: nodes\.0\.colour: unknown field/,
    ],
    [
      "a missing field, with the line of what lacks it",
      "nodes:\n  - name: n1\n  - {}\n",
      /t\.yaml:3: nodes\.1: needs a field "name"/,
    ],
    [
      "a wrong type",
      "nodes: [{name: n1}]\nunderlay:\n  mtu: wide\n",
      /t\.yaml:3: underlay\.mtu: must be integer/,
    ],
    [
      "a node that does not exist",
      "nodes: [{name: n1}]\nclients:\n  - name: c1\n    node: n2\n    services: [kernel://s]\n",
      /t\.yaml:4: clients\.0\.node: no node is called "n2"; there are: n1/,
    ],
    [
      "a name given twice",
      "nodes: [{name: a}]\nendpoints:\n  - {name: a, node: a, services: [s]}\n",
      /t\.yaml:3: endpoints\.0\.name: the name "a" is taken/,
    ],
    [
      "a chain without rules",
      "nodes: [{name: n}]\npassthroughs:\n  - {name: f, node: n, services: [web], labels: {}}\n",
      /t\.yaml:3: passthroughs\.0\.services\.0: "web" needs match rules that lead on from here/,
    ],
    [
      "an idle time that is none",
      "nodes: [{name: n}]\nendpoints:\n  - {name: e, node: n, services: [s], on_demand: soon}\n",
      /t\.yaml:3: endpoints\.0\.on_demand: "soon" is no time above 0; write 30s or 5m/,
    ],
    [
      "a payload that does not exist",
      "nodes: [{name: a}]\nendpoints:\n  - {name: e, node: a, services: [s], payload: MPLS}\n",
      /must be one of ETHERNET, IP/,
    ],
    [
      "an underlay that is no prefix",
      "nodes: [{name: n}]\nunderlay:\n  ipv4: 10.0.0.1\n",
      /t\.yaml:3: underlay\.ipv4: "10\.0\.0\.1" is no ipv4 prefix/,
    ],
    [
      "pools that overlap",
      "nodes: [{name: n}]\nendpoints:\n  - {name: e, node: n, services: [s], cidrs: [10.0.0.0/8, 10.1.0.0/16]}\n",
      /t\.yaml:3: endpoints\.0\.cidrs: address pools 10\.0\.0\.0\/8 and 10\.1\.0\.0\/16 overlap/,
    ],
    [
      "a service URL that is none",
      "nodes: [{name: n}]\nclients:\n  - name: c\n    node: n\n    services: [kernel://a, b]\n",
      /t\.yaml:5: clients\.0\.services\.1: service URL "b": it is not a URL/,
    ],
    [
      "two wires with one interface",
      "nodes: [{name: n}]\nclients: [{name: c, node: n, services: [kernel://a/x, kernel://b/x]}]\n",
      /clients\.0\.services\.1: another wire of this client has the interface x already/,
    ],
    ["YAML that is none", "nodes: [\n", /t\.yaml:2: /],
    ["an empty file", "", /t\.yaml:1: \(top\): needs a field "nodes"/],
    [
      "a name that is no name",
      "nodes: [{name: 'a/b'}]\n",
      /t\.yaml:1: nodes\.0\.name: must be 1 to 40 small letters/,
    ],
  ]
  for (const [what, text, says] of wrong) {
    it(`refuses ${what}`, () => assert.match(refusal(text), says))
  }

  it("says everything that is wrong at once", () => {
    const client = "clients:\n  - {name: c, node: n2, services: [s]}\n"
    const said = refusal(`nodes:\n  - name: n1\n    a: 1\n    b: 2\n${client}`)
    assert.match(said, /:3: nodes\.0\.a.*\n.*:4: nodes\.0\.b.*\n.*:6: clients\.0\.node/)
    assert.match(said, /:6: clients\.0\.services\.0/)
  })
})
