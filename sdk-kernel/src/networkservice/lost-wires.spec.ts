import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { MonitorScopeSelectorSchema, State } from "@nsm/api"
import { bind, chain, grant, monitor, silentLog } from "@nsm/sdk"
import { elementContract, requestOf, testCall } from "@nsm/sdk/testing"
import type { LostEnd } from "../wiring/wire-check.ts"
import { lostWires } from "./lost-wires.ts"

/** Wires that can be lost. */
function losable() {
  const listeners = new Set<(lost: LostEnd) => void>()
  return {
    listeners,
    onLost(listener: (lost: LostEnd) => void): Disposable {
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
    lose(connectionId: string): void {
      const lost = { connectionId, side: "client", interface: "nsm-1", why: "deleted" } as const
      for (const listener of listeners) listener(lost)
    },
  }
}

/** A hop whose wires can be lost, with what those who watch it are told. */
function hop(signal?: AbortSignal) {
  const wires = losable()
  const logged: string[] = []
  const log = { ...silentLog, warn: (text: string) => void logged.push(text) }
  const service = bind(chain("hop", monitor(), lostWires({ wires, log, signal })), grant)
  const request = (id: string) => service.request(requestOf({ id }), testCall())
  const state = async (id: string): Promise<State | undefined> => {
    const watch = new AbortController()
    const call = testCall({ signal: watch.signal })
    for await (const { connections } of service.monitorConnections(everything, call)) {
      watch.abort()
      return connections[id]?.state
    }
    return undefined
  }
  return { wires, logged, service, request, state }
}

const everything = create(MonitorScopeSelectorSchema)

describe("lostWires", () => {
  elementContract(() => lostWires({ wires: losable(), log: silentLog }))

  it("tells that a connection is down whose wire was lost, and no other", async () => {
    const { wires, request, state } = hop()
    await request("a")
    await request("b")
    wires.lose("a")
    assert.deepEqual([await state("a"), await state("b")], [State.DOWN, State.UP])
  })

  it("tells each loss once, and the next one after a request", async () => {
    const { wires, logged, request, state } = hop()
    await request("a")
    wires.lose("a")
    wires.lose("a")
    assert.equal(logged.length, 1)
    await request("a")
    assert.equal(await state("a"), State.UP)
    wires.lose("a")
    assert.equal(await state("a"), State.DOWN)
    assert.equal(logged.length, 2)
  })

  it("knows nothing of a connection that is closed", async () => {
    const { wires, logged, service, request } = hop()
    await service.close(await request("a"), testCall())
    wires.lose("a")
    assert.deepEqual(logged, [])
  })

  it("listens no longer than it shall", () => {
    const end = new AbortController()
    const { wires } = hop(end.signal)
    assert.equal(wires.listeners.size, 1)
    end.abort()
    assert.equal(wires.listeners.size, 0)
  })
})
