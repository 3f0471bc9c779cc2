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
    const { name, underlay, endpoints, clients } = parseTopology("nodes:\n  - name: n1\n", "t.yaml")
    assert.equal(name, "default")
    assert.deepEqual(underlay, { ipv4: "10.200.0.0/24", ipv6: "fd00:200::/64", mtu: 1500 })
    assert.deepEqual([endpoints, clients], [[], []])
  })

  it("gives an endpoint both families unless told otherwise", () => {
    const text = "nodes: [{name: n1}]\nendpoints:\n  - {name: e1, node: n1, services: [s]}\n"
    const [endpoint] = parseTopology(text, "t.yaml").endpoints
    assert.deepEqual(endpoint?.cidrs, ["172.16.0.0/24", "fd00:172:16::/64"])
    assert.equal(endpoint?.payload, "ETHERNET")
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
      /t\.yaml:3: nodes\.1: must have required property 'name'/,
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
      "a payload that does not exist",
      "nodes: [{name: a}]\nendpoints:\n  - {name: e, node: a, services: [s], payload: MPLS}\n",
      /must be one of ETHERNET, IP/,
    ],
    ["YAML that is none", "nodes: [\n", /t\.yaml:2: /],
    ["an empty file", "", /t\.yaml:1: \(top\): must have required property 'nodes'/],
    [
      "a name that is no name",
      "nodes: [{name: 'a/b'}]\n",
      /t\.yaml:1: nodes\.0\.name: must match pattern/,
    ],
  ]
  for (const [what, text, says] of wrong) {
    it(`refuses ${what}`, () => assert.match(refusal(text), says))
  }

  it("says everything that is wrong at once", () => {
    const said = refusal("nodes:\n  - name: n1\n    a: 1\n    b: 2\n")
    assert.match(said, /:3: nodes\.0\.a/)
    assert.match(said, /:4: nodes\.0\.b/)
  })
})
