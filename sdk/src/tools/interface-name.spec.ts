import fc from "fast-check"
import assert from "node:assert/strict"
import { seededRandom } from "../core/random.ts"
import { checkInterfaceName, generateInterfaceName } from "./interface-name.ts"

describe("checkInterfaceName", () => {
  for (const name of ["nsm-1", "a", "x".repeat(15), "veth0.100", "é"]) {
    it(`takes ${name}`, () => {
      assert.equal(checkInterfaceName(name), name)
    })
  }

  const bad: readonly (readonly [name: string, problem: RegExp])[] = [
    ["", /is empty/],
    ["x".repeat(16), /has 16 bytes, at most 15 are allowed/],
    ["éééééééé", /has 16 bytes/],
    [".", /directories/],
    ["..", /directories/],
    ["a/b", /contains "\/"/],
    ["a b", /contains " "/],
    ["eth0:1", /contains ":"/],
    ["nsm%d", /contains "%"/],
    ["a\u0000", /contains/],
  ]
  for (const [name, problem] of bad) {
    it(`refuses ${JSON.stringify(name)}`, () => {
      assert.throws(() => checkInterfaceName(name), {
        reason: "INTERFACE_NAME_INVALID",
        message: problem,
      })
    })
  }

  it("says where the name stands", () => {
    assert.throws(() => checkInterfaceName("a/b", "kernel://icmp"), {
      message: /of kernel:\/\/icmp/,
    })
  })
})

describe("generateInterfaceName", () => {
  it("begins with the service and fills up to 15 characters", () => {
    const name = generateInterfaceName("icmp-responder", seededRandom(1))
    assert.match(name, /^icmp-respo-[0-9a-z]{4}$/)
  })

  it("gives a name that Linux takes for any service", () => {
    fc.assert(
      fc.property(fc.string(), fc.integer(), (service, seed) => {
        const name = generateInterfaceName(service, seededRandom(seed))
        assert.equal(name.length, 15)
        assert.equal(checkInterfaceName(name), name)
      }),
    )
  })

  it("gives another name each time", () => {
    const random = seededRandom(1)
    const names = Array.from({ length: 100 }, () => generateInterfaceName("icmp", random))
    assert.equal(new Set(names).size, 100)
  })
})
