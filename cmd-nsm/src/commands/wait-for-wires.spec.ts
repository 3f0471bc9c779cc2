import assert from "node:assert/strict"
import { FakeClock } from "@nsm/sdk/testing"
import type { WireStatus } from "../playground/status.ts"
import { waitForWires } from "./wait-for-wires.ts"

const { signal } = new AbortController()

function wire(state: WireStatus["state"]): WireStatus {
  return {
    ...{ id: "nsc-1-0", client: "nsc-1", service: "icmp", url: "kernel://icmp", state },
    ...{ endpoint: "", mechanism: "KERNEL", interface: "", path: [], mtu: 0 },
    addresses: { client: [], endpoint: [] },
  }
}

describe("waitForWires", () => {
  it("waits until all wires are up", async () => {
    const clock = new FakeClock()
    const began = clock.now()
    const look = async () => ({ wires: [wire(clock.now() - began < 3000 ? "requesting" : "up")] })
    const waited = waitForWires({ look, clock, signal, limitMs: 5000 }).then(clock.now.bind(clock))
    await clock.advance(10_000)
    assert.equal((await waited) - began, 3000)
  })

  it("gives up after its limit and says what is missing", async () => {
    const clock = new FakeClock()
    const look = async () => ({ wires: [wire("up"), wire("requesting")] })
    const refused = assert.rejects(waitForWires({ look, clock, signal, limitMs: 5000 }), {
      reason: "DEADLINE_EXCEEDED",
      text: "after 5 s 1 of 2 wires are missing",
    })
    await clock.advance(6000)
    await refused
    assert.equal(clock.pending, 0)
  })
})
