import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { type Connection, ConnectionEventSchema, ConnectionSchema, State } from "@nsm/api"
import { bind, type NetworkService, NsmError, seededRandom, silentLog, sleep } from "@nsm/sdk"
import type { Need } from "@nsm/sdk/daemon"
import { FakeClock } from "@nsm/sdk/testing"
import { holdWires } from "./hold-wires.ts"
import { noteOutcomes } from "./note-outcomes.ts"
import { wantedWires } from "./service-urls.ts"
import { Wire } from "./wire.ts"

/** What an earlier run has left, and whether packets pass through it; undefined where no look can be made. */
interface Earlier {
  readonly connection: Connection
  readonly lives: boolean | undefined
  /** How the manager fails at first when it is asked for it. */
  readonly failure?: NsmError
}

/** Holds `urls` at a service that answers as `request` does. */
function holding(urls: string, request: NetworkService["request"], earlier?: Earlier) {
  const clock = new FakeClock()
  const wires = wantedWires.parse(urls).map((wanted, index) => new Wire("nsc", index, wanted))
  const told: string[] = []
  const closed: string[] = []
  const needs = new Map<string, string>()
  const log = {
    ...silentLog,
    error: (_: string, fields: object = {}) => void told.push((fields as { why: string }).why),
  }
  const service = bind(noteOutcomes(wires), {
    request,
    close: async ({ id }) => void closed.push(id),
    async *monitorConnections() {},
  })
  const readiness = {
    needs: (name: string): Need => ({
      met: () => void needs.set(name, "met"),
      unmet: (why) => void needs.set(name, why),
    }),
  }
  const random = seededRandom(1)
  const requestTimeoutMs = 15_000
  let looks = 0
  const manager: Pick<NetworkService, "monitorConnections"> = {
    async *monitorConnections() {
      if (earlier?.failure && looks++ === 0) throw earlier.failure
      const connections = earlier ? { [earlier.connection.id]: earlier.connection } : {}
      yield create(ConnectionEventSchema, { connections })
    },
  }
  const liveness = earlier && (async () => earlier.lives ?? assert.fail("no look can be made"))
  const held = holdWires({
    ...{ wires, service, manager, liveness, requestTimeoutMs, clock, log, random, readiness },
  })
  return { clock, held, told, closed, needs }
}

const granted = (id = ""): Connection => create(ConnectionSchema, { id })
const unreachable = new NsmError("PEER_UNREACHABLE", "the manager is not there")
const full = (): NsmError => new NsmError("ADDRESSES_EXHAUSTED", "no address is left")

describe("holdWires", () => {
  it("asks for all wires at the same time", async () => {
    const asked: string[] = []
    const { clock, held, needs } = holding(
      "kernel://a,kernel://b",
      async ({ connection }, call) => {
        asked.push(connection?.networkService ?? "")
        await sleep(call.clock, 1000, call.signal)
        return granted(connection?.id)
      },
    )
    await clock.advance(1)
    assert.deepEqual(asked, ["a", "b"])
    await clock.advance(1000)
    await held.allGranted
    assert.deepEqual([...needs.values()], ["met", "met"])
    await held[Symbol.asyncDispose]()
    assert.equal(clock.pending, 0)
  })

  it("tries again with pauses that grow to some seconds, and tells of each failure once", async () => {
    const tries: number[] = []
    const { clock, held, told, needs } = holding("kernel://a", async ({ connection }, call) => {
      tries.push(call.clock.now())
      if (tries.length < 9) throw full()
      return granted(connection?.id)
    })
    await clock.advance(60_000)
    await held.allGranted
    const pauses = tries.slice(1).map((at, index) => at - (tries[index] ?? 0))
    assert.ok(
      pauses.every((ms) => ms >= 100 && ms <= 7500),
      String(pauses),
    )
    assert.ok((pauses.at(-1) ?? 0) > (pauses[0] ?? 0), String(pauses))
    assert.equal(told.length, 1)
    assert.match(told[0] ?? "", /^ADDRESSES_EXHAUSTED: .*no address is left \(Widen the pool/)
    assert.deepEqual([...needs.values()], ["met"])
    await held[Symbol.asyncDispose]()
  })

  for (const [title, state, lives, wanted] of [
    ["keeps the endpoint of an earlier run", State.UP, false, "nse-1"],
    ["keeps it when it is down but its wire lives", State.DOWN, true, "nse-1"],
    ["keeps it when it is down and no look can be made", State.DOWN, undefined, "nse-1"],
    ["lets go of it when it is down and its wire is dead", State.DOWN, false, ""],
  ] as const) {
    it(title, async () => {
      const connection = create(ConnectionSchema, {
        id: "x",
        state,
        networkService: "a",
        networkServiceEndpointName: "nse-1",
        path: { index: 1, pathSegments: [{ id: "nsc-0" }, { id: "x" }] },
      })
      const asked: (Connection | undefined)[] = []
      const answer: NetworkService["request"] = async (request) => {
        asked.push(request.connection)
        return granted("nsc-0")
      }
      const { clock, held } = holding("kernel://a", answer, { connection, lives })
      await clock.advance(1)
      assert.deepEqual(
        asked.map((one) => one?.networkServiceEndpointName),
        [wanted],
      )
      await held[Symbol.asyncDispose]()
    })
  }

  for (const [title, failure, wanted] of [
    ["looks again for an earlier run when that fails", unreachable, "nse-1"],
    ["asks anew where the manager does not tell", new NsmError("UNIMPLEMENTED", "no"), ""],
  ] as const) {
    it(title, async () => {
      const connection = create(ConnectionSchema, {
        id: "x",
        networkService: "a",
        networkServiceEndpointName: "nse-1",
        path: { index: 1, pathSegments: [{ id: "nsc-0" }, { id: "x" }] },
      })
      const asked: (string | undefined)[] = []
      const answer: NetworkService["request"] = async (request) => {
        asked.push(request.connection?.networkServiceEndpointName)
        return granted("nsc-0")
      }
      const { clock, held } = holding("kernel://a", answer, { connection, lives: true, failure })
      await clock.advance(1000)
      assert.deepEqual(asked, [wanted])
      await held[Symbol.asyncDispose]()
    })
  }

  it("limits each request's time", async () => {
    const { clock, held, told } = holding("kernel://a", async (_, call) => {
      await sleep(call.clock, 1e9, call.signal)
      return granted()
    })
    await clock.advance(15_001)
    assert.match(told[0] ?? "", /DEADLINE_EXCEEDED/)
    const ended = held[Symbol.asyncDispose]()
    await clock.advance(5000)
    await ended
  })

  it("closes what is granted at the very end", async () => {
    const { clock, held, closed } = holding("kernel://a", async ({ connection }, call) => {
      await sleep(call.clock, 1500)
      return granted(connection?.id)
    })
    await clock.advance(1)
    const ended = held[Symbol.asyncDispose]()
    await clock.advance(1500)
    await ended
    assert.deepEqual(closed, ["nsc-0"])
    assert.equal(clock.pending, 0)
  })

  it("ends at once between two tries", async () => {
    const { clock, held, closed } = holding("kernel://a", async () => Promise.reject(full()))
    await clock.advance(10_000)
    await held[Symbol.asyncDispose]()
    assert.deepEqual(closed, [])
    assert.equal(clock.pending, 0)
  })
})
