import assert from "node:assert/strict"
import { FakeClock } from "@nsm/sdk/testing"
import type { Status } from "../playground/status.ts"
import { watch } from "./watch.ts"

function status(name: string, residentBytes: number): Status {
  const daemon = { name: "nsmgr", program: "cmd-nsmgr", pid: 1, ready: true, residentBytes }
  const nodes = [{ name, addresses: [], daemons: [daemon] }]
  return { schemaVersion: 1, name: "lab", shared: [], nodes, workloads: [], wires: [] }
}

describe("watch", () => {
  it("prints again only what has changed, until it is ended", async () => {
    const clock = new FakeClock()
    const end = new AbortController()
    const seen: string[] = []
    // Memory changes all the time.
    const states = [status("node-1", 1), status("node-1", 2), status("node-2", 3)]
    const look = async () => states.shift() ?? status("node-2", 4)
    const show = (text: string): void => void seen.push(text)
    const options = { clock, look, show, format: "wide", signal: end.signal } as const
    const watched = watch(options)
    await clock.advance(10_000)
    end.abort()
    await watched
    assert.equal(seen.length, 2)
    assert.match(seen[0] ?? "", /node-1/)
    assert.match(seen[1] ?? "", /node-2/)
    assert.equal(clock.pending, 0)
  })

  it("passes on that the playground has gone", async () => {
    const clock = new FakeClock()
    const look = () => Promise.reject(new Error("gone"))
    const { signal } = new AbortController()
    const options = { clock, look, show: () => {}, format: "table", signal } as const
    await assert.rejects(watch(options), /gone/)
  })
})
