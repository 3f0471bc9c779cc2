import assert from "node:assert/strict"
import { NsmError } from "@nsm/sdk"
import { parseEntries } from "./parse-entries.ts"

const parse = (text: string) =>
  parseEntries(text, { file: "entries.yaml", trustDomain: "nsm.test" })

describe("parseEntries", () => {
  it("reads a list of ids and selectors", () => {
    const text = `
      # who is who
      - id: spiffe://nsm.test/nsmgr
        selectors: { uid: 0, exe: /usr/bin/nsmgr }
      - id: spiffe://nsm.test/blue
        selectors:
          gid: 1000
          pid: 12
          netns: /run/netns/blue
    `
    assert.deepEqual(parse(text), [
      { id: "spiffe://nsm.test/nsmgr", selectors: { uid: 0, exe: "/usr/bin/nsmgr" } },
      { id: "spiffe://nsm.test/blue", selectors: { gid: 1000, pid: 12, netns: "/run/netns/blue" } },
    ])
  })

  for (const text of ["", "# nothing", "[]", "---"]) {
    it(`takes ${JSON.stringify(text)} as no entries`, () => {
      assert.deepEqual(parse(text), [])
    })
  }

  const entry = (more: string): string =>
    `- id: spiffe://nsm.test/a\n  selectors: { uid: 1 }\n${more}`
  const wrong: [text: string, line: string][] = [
    ["entries: []", "entries.yaml:1: (top): is no list of entries"],
    ["- id: [", "entries.yaml:1: "],
    ["- text", "entries.yaml:1: [0]: is no entry"],
    [entry("- selectors: { uid: 1 }"), "entries.yaml:3: [1].id: is missing"],
    [entry("  uid: 1"), "entries.yaml:3: [0].uid: is not known here; there are id, selectors"],
    ["- id: spiffe://nsm.test/a", "entries.yaml:1: [0].selectors: has to name at least one of uid"],
    [
      "- id: spiffe://nsm.test/a\n  selectors: {}",
      "entries.yaml:2: [0].selectors: has to name at least one of uid",
    ],
    [
      "- id: spiffe://nsm.test/a\n  selectors:\n    uuid: 1",
      "entries.yaml:3: [0].selectors.uuid: is not known here; there are uid, gid",
    ],
    [
      "- id: spiffe://nsm.test/a\n  selectors:\n    uid: root",
      "entries.yaml:3: [0].selectors.uid: is not a whole number",
    ],
    [
      "- id: spiffe://nsm.test/a\n  selectors:\n    exe: nsmgr",
      "entries.yaml:3: [0].selectors.exe: is not an absolute path",
    ],
    [
      "- selectors: { uid: 1 }\n  id: spiffe://other.test/a",
      "entries.yaml:2: [0].id: is of the trust domain other.test, but only nsm.test is given out here",
    ],
    ["- id: spiffe://nsm.test\n  selectors: { uid: 1 }", "[0].id: is the trust domain itself"],
    ["- id: nsmgr\n  selectors: { uid: 1 }", '[0].id: "nsmgr" is no SPIFFE id'],
  ]
  for (const [text, line] of wrong) {
    it(`refuses ${JSON.stringify(text)}, with line and field`, () => {
      assert.throws(
        () => parse(text),
        (thrown) => {
          assert.ok(thrown instanceof NsmError && thrown.reason === "INVALID_CONFIGURATION")
          assert.ok(thrown.message.includes(line), thrown.message)
          return true
        },
      )
    })
  }

  it("says all that is wrong at once", () => {
    const text = "- id: a\n  selectors: { uid: x, gid: y }\n- {}"
    assert.throws(() => parse(text), /:1: .*id.*\n.*:2: .*uid.*\n.*:2: .*gid.*\n.*:3: .*id/)
  })
})
