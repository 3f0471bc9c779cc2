import assert from "node:assert/strict"
import { causes, NsmError } from "@nsm/sdk"
import { describeError } from "@nsm/sdk/daemon"
import { exitCode } from "../exit-code.ts"
import type { WireStatus } from "../playground/status.ts"
import { refuseMissing } from "./missing-wires.ts"

const wire: WireStatus = {
  id: "nsc-1-0",
  client: "nsc-1",
  service: "icmp",
  url: "kernel://icmp",
  state: "up",
  endpoint: "nse-1",
  mechanism: "KERNEL",
  interface: "nsm-1",
  path: [],
  addresses: { client: [], endpoint: [] },
  mtu: 9000,
}

function refusal(wires: readonly WireStatus[]): NsmError {
  try {
    refuseMissing(wires)
  } catch (thrown) {
    assert.ok(thrown instanceof NsmError)
    return thrown
  }
  throw new assert.AssertionError({ message: "nothing was missing" })
}

describe("refuseMissing", () => {
  it("lets wires be that are up", () => refuseMissing([wire]))

  it("says which wire is missing, and all that led to it", () => {
    const exhausted = new NsmError("ADDRESSES_EXHAUSTED", "no pair", { hop: "nse-1" })
    const cause = new AggregateError([new NsmError("PEER_UNREACHABLE", "gone"), exhausted])
    const failed = new NsmError("ALL_CANDIDATES_FAILED", "both failed", { cause })
    const error = refusal([{ ...wire, state: "requesting", lastError: describeError(failed) }])
    assert.equal(error.reason, "ALL_CANDIDATES_FAILED")
    assert.match(error.text, /nsc-1 has no wire for kernel:\/\/icmp/)
    const [first] = causes(error)
    assert.ok(first instanceof NsmError)
    const messages = causes(first).map((one) => (one instanceof NsmError ? one.message : ""))
    assert.deepEqual(messages, ["PEER_UNREACHABLE: gone", "ADDRESSES_EXHAUSTED: [nse-1] no pair"])
    assert.equal(exitCode(error), 1, "the command line was not wrong, and something did answer")
  })

  it("counts several", () => {
    const missing: WireStatus = { ...wire, state: "requesting" }
    const error = refusal([wire, missing, { ...missing, client: "nsc-2" }])
    assert.equal(error.text, "2 of 3 wires are missing")
    assert.equal(causes(error).length, 2)
  })

  it("survives a reason of another version", () => {
    const lastError = { reason: "NEVER_HEARD", text: "?" } as unknown as WireStatus["lastError"]
    const error = refusal([{ ...wire, state: "requesting", ...(lastError && { lastError }) }])
    assert.equal(error.reason, "PEER_FAILED")
  })
})
