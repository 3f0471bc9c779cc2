import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import {
  type NetworkService,
  type NetworkServiceQuery,
  type NetworkServiceResponse,
  NetworkServiceSchema,
} from "@nsm/api"
import { type Call, withCall } from "../../core/call.ts"
import { bind, chain, element } from "../../core/chain.ts"
import { NsmError } from "../../core/errors.ts"
import { type Log, silentLog } from "../../core/log.ts"
import { type Random, seededRandom } from "../../core/random.ts"
import { FakeClock } from "../../testing/fake-clock.ts"
import { registryProbe } from "../../testing/registry-probe.ts"
import { serviceKind } from "../kind.ts"
import type { NetworkServiceRegistry } from "../service.ts"
import { retry } from "./retry.ts"
import { memoryRegistry } from "./store.ts"

describe("retry of a registry", () => {
  const unreachable = new NsmError("PEER_UNREACHABLE", "nobody there")
  const icmp = create(NetworkServiceSchema, { name: "icmp" })
  const inTheMiddle: Random = { integer: (below) => Math.floor(below / 2), uuid: () => "" }
  const make = (random = inTheMiddle) => {
    const clock = new FakeClock()
    const probe = registryProbe<NetworkService, NetworkServiceQuery, NetworkServiceResponse>()
    const store = memoryRegistry(serviceKind)
    const registry = bind(chain<NetworkServiceRegistry>("test", retry({ random }), probe), store)
    const inCall = <T>(
      run: (call: Call) => Promise<T>,
      ends: { timeoutMs?: number; signal?: AbortSignal } = {},
    ) => withCall({ clock, log: silentLog, ...ends }, run)
    return { clock, probe, store, registry, inCall }
  }

  it("tries again until it succeeds, with pauses that grow", async () => {
    const { clock, probe, store, registry, inCall } = make()
    probe.failure = unreachable.inHop("manager")
    const registered = inCall((call) => registry.register(icmp, call))
    await clock.advance(100 + 130 + 169)
    assert.equal(probe.registers.length, 4)
    probe.failure = undefined
    await clock.advance(219)
    assert.equal(probe.registers.length, 4)
    await clock.advance(1)
    assert.equal((await registered).name, "icmp")
    assert.equal(store.entryCount(), 1)
    await clock.advance(10_000)
    assert.equal(probe.registers.length, 5)
    assert.equal(clock.pending, 0)
  })

  for (const [title, failure, longestMs] of [
    ["half a second while its peer is not there", unreachable, 500],
    ["five seconds while something behind the peer is not there", unreachable.inHop("m"), 5000],
  ] as const) {
    it(`pauses for at most ${title}, and so often as not to wear it out`, async () => {
      const { clock, probe, registry, inCall } = make(seededRandom(1))
      probe.failure = failure
      const times: number[] = []
      const controller = new AbortController()
      const { signal } = controller
      const registered = inCall((call) => registry.register(icmp, call), { signal })
      const until = clock.now() + 120_000
      for (let before = 0; clock.now() < until; await clock.advance(10)) {
        if (probe.registers.length > before) times.push(clock.now())
        before = probe.registers.length
      }
      const pauses = times.map((time, at) => time - (times[at - 1] ?? time)).slice(20)
      assert.ok(Math.max(...pauses) <= longestMs + 10, `${Math.max(...pauses)} ms`)
      assert.ok(Math.min(...pauses) >= longestMs / 4, `${Math.min(...pauses)} ms`)
      controller.abort(new NsmError("CANCELLED", "enough"))
      await assert.rejects(registered)
    })
  }

  it("says once why it has to try again, and again when that is something else", async () => {
    const { clock, probe, registry } = make()
    const warnings: unknown[] = []
    const log: Log = {
      ...silentLog,
      warn: (_, { error }: { error?: unknown } = {}) => void warnings.push(error),
    }
    const denied = new NsmError("PERMISSION_DENIED", "not yours")
    probe.failure = unreachable
    const registered = withCall({ clock, log }, (call) => registry.register(icmp, call))
    await clock.advance(1000)
    probe.failure = denied
    await clock.advance(3000)
    probe.failure = undefined
    await clock.advance(5000)
    await registered
    const texts = warnings.map((error) => NsmError.from(error).text)
    assert.deepEqual(texts, ["nobody there", "not yours"])
  })

  it("lets one try take 15 s", async () => {
    const { clock, probe, registry, inCall } = make()
    probe.gate = new Promise(() => {})
    const gone = inCall((call) => registry.unregister(icmp, call))
    await clock.advance(15_000)
    probe.gate = undefined
    await clock.advance(200)
    await gone
    assert.equal(probe.unregisters.length, 2)
  })

  it("stops when the caller's time is over, and says why the last try failed", async () => {
    const { clock, probe, registry, inCall } = make()
    probe.failure = unreachable
    const failed = assert.rejects(
      inCall((call) => registry.register(icmp, call), { timeoutMs: 1000 }),
      (error: NsmError) =>
        error.reason === "DEADLINE_EXCEEDED" && (error.cause as NsmError).text === unreachable.text,
    )
    await clock.advance(1000)
    await failed
  })

  it("stops when the caller gives up", async () => {
    const { clock, probe, registry, inCall } = make()
    const controller = new AbortController()
    probe.gate = new Promise(() => {})
    const failed = assert.rejects(
      inCall((call) => registry.register(icmp, call), { signal: controller.signal }),
      (error: NsmError) => error.text === "enough",
    )
    await clock.advance(1)
    controller.abort(new NsmError("CANCELLED", "enough"))
    await failed
    await clock.advance(60_000)
    assert.equal(probe.registers.length, 1)
  })

  it("does not repeat a call that is wrong itself", async () => {
    const { probe, registry, inCall } = make()
    for (const reason of ["INVALID_REQUEST", "UNIMPLEMENTED"] as const) {
      probe.failure = new NsmError(reason, "no")
      const failed = inCall((call) => registry.register(icmp, call))
      await assert.rejects(failed, (error: NsmError) => error.reason === reason)
    }
    assert.equal(probe.registers.length, 2)
  })

  it("finds again until it has an answer", async () => {
    const { clock, probe, store, registry, inCall } = make()
    await inCall((call) => store.register(icmp, call))
    probe.failure = unreachable
    const found = inCall((call) =>
      Array.fromAsync(registry.find(serviceKind.query(icmp, false), call)),
    )
    await clock.advance(229)
    probe.failure = undefined
    await clock.advance(1)
    assert.equal((await found).length, 1)
    assert.equal(probe.finds.length, 3)
  })

  it("does not hand on the beginning of a list twice", async () => {
    const broken = bind(
      chain<NetworkServiceRegistry>(
        "test",
        retry(),
        element<NetworkServiceRegistry>("break", () => ({
          async *find() {
            yield serviceKind.response(icmp, false)
            throw unreachable
          },
        })),
      ),
      memoryRegistry(serviceKind),
    )
    const { inCall } = make()
    await assert.rejects(
      inCall((call) => Array.fromAsync(broken.find(serviceKind.query(icmp, false), call))),
      (error: NsmError) => error.reason === "PEER_UNREACHABLE",
    )
  })

  it("opens a watch again that breaks or ends", async () => {
    const { clock, inCall } = make()
    let opened = 0
    const breaking = bind(
      chain<NetworkServiceRegistry>(
        "test",
        retry(),
        element<NetworkServiceRegistry>("break", () => ({
          async *find() {
            opened += 1
            yield serviceKind.response(icmp, false)
            if (opened === 1) throw unreachable
          },
        })),
      ),
      memoryRegistry(serviceKind),
    )
    const seen = inCall(async (call) => {
      let count = 0
      for await (const _ of breaking.find(serviceKind.query(icmp, true), call)) {
        count += 1
        if (count === 3) break
      }
    })
    await clock.advance(1000)
    await seen
    assert.equal(opened, 3)
  })
})
