import assert from "node:assert/strict"
import { NsmError } from "../../core/errors.ts"
import type { Reason } from "../../core/reasons.ts"
import { isOwnFault } from "./own-fault.ts"

const here = (reason: Reason) => new NsmError(reason, "no")
const beyond = (reason: Reason) => new NsmError(reason, "no", { hop: "nse" })

describe("isOwnFault", () => {
  for (const reason of ["PEER_UNREACHABLE", "PEER_FAILED", "PEER_NOT_TRUSTED"] as const) {
    it(`blames an endpoint for ${reason}`, () => {
      assert.ok(isOwnFault(here(reason), 0))
      assert.ok(isOwnFault(beyond(reason), 0))
    })
  }

  for (const reason of [
    "SHUTTING_DOWN",
    "KERNEL_REFUSED",
    "INTERNAL",
    "FORWARDER_NOT_FOUND",
  ] as const) {
    it(`blames an endpoint for ${reason} only if another process says so`, () => {
      assert.ok(!isOwnFault(here(reason), 0))
      assert.ok(isOwnFault(beyond(reason), 0))
    })
  }

  const others = [
    ...["INVALID_REQUEST", "PERMISSION_DENIED", "TOKEN_INVALID", "MECHANISM_UNSUPPORTED"],
    ...["ADDRESSES_EXHAUSTED", "ADDRESS_EXCLUDED", "INTERFACE_NAME_TAKEN", "CANCELLED"],
  ] as readonly Reason[]
  for (const reason of others) {
    it(`blames no endpoint for ${reason}`, () => {
      assert.ok(!isOwnFault(here(reason), 60_000))
      assert.ok(!isOwnFault(beyond(reason), 60_000))
    })
  }

  it("blames an endpoint for a time limit that passed only if it had time", () => {
    assert.ok(!isOwnFault(here("DEADLINE_EXCEEDED"), 999))
    assert.ok(isOwnFault(here("DEADLINE_EXCEEDED"), 1000))
  })

  it("goes by what was at the root of it", () => {
    const failed = new NsmError("ALL_FORWARDERS_FAILED", "all", {
      cause: new AggregateError([beyond("PEER_UNREACHABLE"), beyond("ADDRESSES_EXHAUSTED")]),
    })
    assert.ok(!isOwnFault(failed, 0))
    const led = new NsmError("ALL_CANDIDATES_FAILED", "all", { cause: beyond("PEER_UNREACHABLE") })
    assert.ok(isOwnFault(led, 0))
    const unreachable = new NsmError("PEER_UNREACHABLE", "gone", {
      cause: here("PEER_UNREACHABLE"),
    })
    assert.ok(isOwnFault(unreachable, 0))
  })
})
