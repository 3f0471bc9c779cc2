import assert from "node:assert/strict"
import { create, equals } from "@bufbuild/protobuf"
import {
  ConnectionEventSchema,
  ConnectionSchema,
  HealthCheckRequestSchema,
  HealthCheckResponse_ServingStatus,
  MonitorScopeSelectorSchema,
  NetworkServiceRequestSchema,
  NetworkServiceService,
  PathSegmentSchema,
} from "@nsm/api"
import { type Call, receivedMetadata, sentMetadata, withCall } from "../core/call.ts"
import type { Clock } from "../core/clock.ts"
import { ended } from "../core/ended.ts"
import { causes, NsmError, rootCause } from "../core/errors.ts"
import { silentLog } from "../core/log.ts"
import type { Reason } from "../core/reasons.ts"
import { type NetworkService, networkServiceWire } from "../networkservice/service.ts"
import { healthWire } from "../transport/health.ts"
import { expose, type Listener, type Transport, type Wire } from "../transport/transport.ts"

/** Several processes with one kind of transport between them. */
export interface TransportWorld extends AsyncDisposable {
  readonly clock: Clock
  /** The transport of one more process. The world disposes it. */
  transport(name: string): Transport
  /** A place to listen at which nobody has used yet. */
  url(): string
  /** Lets time pass. */
  pass(ms: number): Promise<void>
}

/** What every transport does, as a mocha suite. */
export function transportContract(title: string, makeWorld: () => Promise<TransportWorld>): void {
  describe(`${title} as a transport`, () => {
    let world: TransportWorld
    beforeEach(async () => {
      world = await makeWorld()
    })
    afterEach(() => world[Symbol.asyncDispose]())

    const listen = (service: Partial<NetworkService>, name = "server"): Promise<Listener> =>
      world.transport(name).listen(world.url(), [expose(networkServiceWire, served(service))])
    const clientOf = ({ url }: Listener, name = "client"): NetworkService =>
      world.transport(name).client(url, networkServiceWire)
    const inCall = <T>(
      run: (call: Call) => Promise<T>,
      options: { timeoutMs?: number; signal?: AbortSignal } = {},
    ): Promise<T> => withCall({ clock: world.clock, log: silentLog, ...options }, run)

    describe("a call with one answer", () => {
      it("carries the message there and the answer back", async () => {
        const listener = await listen({
          request: async ({ connection }) => ({ ...blank, ...connection, payload: "IP" }),
        })
        const answer = await inCall((call) => clientOf(listener).request(request("c1"), call))
        assert.equal(answer.id, "c1")
        assert.equal(answer.payload, "IP")
      })

      it("clones messages at the border", async () => {
        const sent = request("c1")
        const answered = create(ConnectionSchema, { id: "c2" })
        let got: unknown
        const listener = await listen({
          async request(message) {
            got = message
            return answered
          },
        })
        const answer = await inCall((call) => clientOf(listener).request(sent, call))
        assert.notEqual(got, sent)
        assert.notEqual(answer, answered)
        assert.ok(equals(ConnectionSchema, answer, answered))
      })

      it("gives nothing where the answer is empty", async () => {
        const closed: string[] = []
        const listener = await listen({
          close: async ({ id }) => void closed.push(id),
        })
        const answer: unknown = await inCall((call) =>
          clientOf(listener).close(create(ConnectionSchema, { id: "c1" }), call),
        )
        assert.equal(answer, undefined)
        assert.deepEqual(closed, ["c1"])
      })

      it("runs many calls at a time", async () => {
        const listener = await listen({
          request: async ({ connection }) => connection ?? blank,
        })
        const client = clientOf(listener)
        const ids = Array.from({ length: 100 }, (_, at) => `c${at}`)
        const answers = await Promise.all(
          ids.map((id) => inCall((call) => client.request(request(id), call))),
        )
        assert.deepEqual(
          answers.map(({ id }) => id),
          ids,
        )
      })
    })

    describe("a stream", () => {
      it("gives all answers in order and ends", async () => {
        const listener = await listen({
          async *monitorConnections() {
            for (let at = 0; at < 50; at++) yield event(`c${at}`)
          },
        })
        const ids = await inCall((call) =>
          readIds(clientOf(listener).monitorConnections(all, call)),
        )
        assert.deepEqual(
          ids,
          Array.from({ length: 50 }, (_, at) => `c${at}`),
        )
      })

      it("gives the answers that came before a failure", async () => {
        const listener = await listen({
          async *monitorConnections() {
            yield event("c1")
            throw new NsmError("CONNECTION_NOT_FOUND", "c2 is not known")
          },
        })
        const ids: string[] = []
        await assert.rejects(
          inCall((call) => readIds(clientOf(listener).monitorConnections(all, call), ids)),
          failure("CONNECTION_NOT_FOUND", /c2 is not known/),
        )
        assert.deepEqual(ids, ["c1"])
      })

      it("ends on the server when the reader leaves", async () => {
        const left = Promise.withResolvers<void>()
        const listener = await listen({
          async *monitorConnections(_, call) {
            try {
              yield event("c1")
              await ended(call.signal)
            } finally {
              left.resolve()
            }
          },
        })
        await inCall(async (call) => {
          for await (const _ of clientOf(listener).monitorConnections(all, call)) break
        })
        await left.promise
      })

      it("ends on a server that does not heed its signal", async () => {
        const left = Promise.withResolvers<void>()
        const listener = await listen({
          async *monitorConnections() {
            try {
              for (;;) {
                await nextTurn()
                yield event("c1")
              }
            } finally {
              left.resolve()
            }
          },
        })
        await inCall(async (call) => {
          for await (const _ of clientOf(listener).monitorConnections(all, call)) break
        })
        await left.promise
      })

      it("holds the server back when the reader is slow", async () => {
        let sent = 0
        const big = "x".repeat(50_000)
        const listener = await listen({
          async *monitorConnections() {
            for (; sent < 2000; sent++) yield event(`c${sent}`, big)
          },
        })
        await inCall(async (call) => {
          let read = 0
          for await (const _ of clientOf(listener).monitorConnections(all, call)) {
            read += 1
            if (read > 3) break
            await world.pass(60)
            assert.ok(sent < 200, `${sent} answers were sent to a reader of ${read}`)
          }
        })
      })
    })

    describe("headers", () => {
      it("go there, and back before the answer", async () => {
        const listener = await listen({
          async request(_, call) {
            call.reply.set("path", `answer to ${call.metadata.get("path")}`)
            return blank
          },
        })
        const received = new Map<string, string>()
        await inCall((call) =>
          clientOf(listener).request(
            request("c1"),
            call
              .with(sentMetadata, new Map([["path", "question"]]))
              .with(receivedMetadata, received),
          ),
        )
        assert.equal(received.get("path"), "answer to question")
      })

      it("come back before the first answer of a stream", async () => {
        const listener = await listen({
          async *monitorConnections(_, call) {
            call.reply.set("path", "here")
            yield event("c1")
            await ended(call.signal)
          },
        })
        const received = new Map<string, string>()
        await inCall(async (call) => {
          const heard = call.with(receivedMetadata, received)
          for await (const _ of clientOf(listener).monitorConnections(all, heard)) break
        })
        assert.equal(received.get("path"), "here")
      })

      it("come back with a failure too", async () => {
        const listener = await listen({
          async request(_, call) {
            call.reply.set("path", "here")
            throw new NsmError("PERMISSION_DENIED", "not you")
          },
        })
        const received = new Map<string, string>()
        const asked = inCall((call) =>
          clientOf(listener).request(request("c1"), call.with(receivedMetadata, received)),
        )
        await assert.rejects(asked, failure("PERMISSION_DENIED", /not you/))
        assert.equal(received.get("path"), "here")
      })

      it("do not come back to those who did not ask for them", async () => {
        const listener = await listen({
          async request(_, call) {
            call.reply.set("path", "here")
            return blank
          },
        })
        await inCall(async (call) => {
          await clientOf(listener).request(request("c1"), call)
          assert.equal(call.reply.size, 0)
        })
      })
    })

    it("says who calls", async () => {
      let address: string | undefined
      const listener = await listen({
        async request(_, { peer }) {
          address = peer?.address
          return blank
        },
      })
      await inCall((call) => clientOf(listener).request(request("c1"), call))
      assert.ok(address, "the address of the peer is empty")
    })

    describe("a failure", () => {
      it("keeps reason, code, place, text and all that led to it", async () => {
        const listener = await listen({
          async request() {
            const exhausted = new NsmError("ADDRESSES_EXHAUSTED", "172.16.0.0/31 is full", {
              hop: "nse-2",
              element: "point-to-point-ipam",
            })
            throw new NsmError("ALL_CANDIDATES_FAILED", "2 endpoints were tried", {
              element: "select-endpoint",
              code: "RESOURCE_EXHAUSTED",
              cause: new AggregateError([
                new NsmError("PEER_UNREACHABLE", "nse-1 is gone", { cause: new Error("refused") }),
                new NsmError("ALL_CANDIDATES_FAILED", "see below", { cause: exhausted }),
              ]),
            })
          },
        })
        const error = await failed(
          inCall((call) => clientOf(listener).request(request("c1"), call)),
        )
        assert.deepEqual(describeError(error), {
          reason: "ALL_CANDIDATES_FAILED",
          code: "RESOURCE_EXHAUSTED",
          place: "server/select-endpoint",
          text: "2 endpoints were tried",
          causes: [
            {
              reason: "PEER_UNREACHABLE",
              code: "UNAVAILABLE",
              place: "server/",
              text: "nse-1 is gone",
              causes: ["refused"],
            },
            {
              reason: "ALL_CANDIDATES_FAILED",
              code: "UNAVAILABLE",
              place: "server/",
              text: "see below",
              causes: [
                {
                  reason: "ADDRESSES_EXHAUSTED",
                  code: "RESOURCE_EXHAUSTED",
                  place: "nse-2/point-to-point-ipam",
                  text: "172.16.0.0/31 is full",
                  causes: [],
                },
              ],
            },
          ],
        })
        assert.equal(rootCause(error).reason, "ADDRESSES_EXHAUSTED")
      })

      it("names the hop where it arose, however far it goes", async () => {
        const last = await listen(
          {
            request: async () => {
              throw new NsmError("NAMESPACE_NOT_FOUND", "gone", { element: "kernel" })
            },
          },
          "forwarder",
        )
        const between = clientOf(last, "manager")
        const first = await listen(
          { request: (message, call) => between.request(message, call) },
          "manager",
        )
        const error = await failed(inCall((call) => clientOf(first).request(request("c1"), call)))
        assert.equal(error.hop, "forwarder")
        assert.equal(error.element, "kernel")
      })

      it("that is a defect is internal and names the hop", async () => {
        const listener = await listen({
          request: async () => {
            throw new TypeError("x is not a function")
          },
        })
        const error = await failed(
          inCall((call) => clientOf(listener).request(request("c1"), call)),
        )
        assert.equal(error.reason, "INTERNAL")
        assert.equal(error.hop, "server")
        assert.match(error.text, /x is not a function/)
      })

      it("that suppressed another is told, and both are among its causes", async () => {
        const listener = await listen({
          request: async () => {
            throw new SuppressedError(
              new NsmError("PEER_UNREACHABLE", "close"),
              new NsmError("LINK_NOT_FOUND", "request"),
              "the close failed too",
            )
          },
        })
        const error = await failed(
          inCall((call) => clientOf(listener).request(request("c1"), call)),
        )
        assert.equal(error.reason, "LINK_NOT_FOUND")
        assert.equal(rootCause(error).text, "request")
        assert.deepEqual(
          causes(error).map((cause) => cause instanceof NsmError && cause.text),
          ["close", "request"],
        )
      })

      it("with a long history is cut short and still arrives", async () => {
        const listener = await listen({
          request: async () => {
            let error = new NsmError("INTERNAL", "x".repeat(5000))
            for (let at = 0; at < 100; at++) {
              error = new NsmError("PEER_FAILED", "y".repeat(5000), { cause: error })
            }
            throw error
          },
        })
        const error = await failed(
          inCall((call) => clientOf(listener).request(request("c1"), call)),
        )
        assert.equal(error.reason, "PEER_FAILED")
        assert.notEqual(rootCause(error), error)
      })
    })

    describe("the end of a call", () => {
      it("reaches the server as a deadline that is kept on both sides", async () => {
        const begun = Promise.withResolvers<Call>()
        const listener = await listen({
          async request({ connection }, call) {
            if (connection?.id === "first") return blank
            begun.resolve(call)
            await ended(call.signal)
            return blank
          },
        })
        const client = clientOf(listener)
        // A busy machine may take longer to connect than the next call has time.
        await inCall((call) => client.request(request("first"), call))
        const asked = failed(
          inCall((call) => client.request(request("c1"), call), { timeoutMs: 80 }),
        )
        const served = await begun.promise
        const { remainingMs } = served
        assert.ok(remainingMs !== undefined && remainingMs <= 81, `${remainingMs} ms are left`)
        await world.pass(90)
        const error = await asked
        assert.equal(error.reason, "DEADLINE_EXCEEDED")
        assert.match(error.text, new RegExp(listener.url.replaceAll(/[/.[\]]/g, ".")))
        await ended(served.signal)
      })

      it("reaches the server when the caller gives up, who does not wait for it", async () => {
        const begun = Promise.withResolvers<Call>()
        const listener = await listen({
          async request(_, call) {
            begun.resolve(call)
            return await new Promise(() => {})
          },
        })
        const controller = new AbortController()
        const asked = failed(
          inCall((call) => clientOf(listener).request(request("c1"), call), {
            signal: controller.signal,
          }),
        )
        const served = await begun.promise
        controller.abort(new NsmError("CANCELLED", "enough"))
        const error = await asked
        assert.equal(error.reason, "CANCELLED")
        assert.equal(error.text, "enough")
        await ended(served.signal)
        assert.match(NsmError.from(served.signal.reason).text, /gave up/)
      })

      it("reaches a stream that waits, at both ends", async () => {
        const begun = Promise.withResolvers<Call>()
        const listener = await listen({
          async *monitorConnections(_, call) {
            begun.resolve(call)
            yield event("c1")
            await ended(call.signal)
          },
        })
        const controller = new AbortController()
        const asked = failed(
          inCall((call) => readIds(clientOf(listener).monitorConnections(all, call)), {
            signal: controller.signal,
          }),
        )
        const served = await begun.promise
        controller.abort(new NsmError("CANCELLED", "enough"))
        assert.equal((await asked).reason, "CANCELLED")
        await ended(served.signal)
      })

      it("does not let a call begin that is over already", async () => {
        let calls = 0
        const listener = await listen({
          async request() {
            calls += 1
            return blank
          },
        })
        const asked = inCall((call) => clientOf(listener).request(request("c1"), call), {
          signal: AbortSignal.abort(new NsmError("CANCELLED", "enough")),
        })
        await assert.rejects(asked, failure("CANCELLED", /enough/))
        assert.equal(calls, 0)
      })

      it("fires the server's signal after an answer too", async () => {
        let served: Call | undefined
        const listener = await listen({
          async request(_, call) {
            served = call
            assert.equal(call.signal.aborted, false)
            return blank
          },
        })
        await inCall((call) => clientOf(listener).request(request("c1"), call))
        assert.ok(served)
        await ended(served.signal)
      })
    })

    describe("a server", () => {
      it("that does not exist is unreachable, and reached when it does", async () => {
        const url = (await goneListener()).url
        const client = world.transport("client").client(url, networkServiceWire)
        const ask = (): Promise<unknown> => inCall((call) => client.request(request("c1"), call))
        await assert.rejects(ask(), failure("PEER_UNREACHABLE", new RegExp(lastPart(url))))
        await assert.rejects(
          inCall((call) => readIds(client.monitorConnections(all, call))),
          failure("PEER_UNREACHABLE", new RegExp(lastPart(url))),
        )
        await world
          .transport("server")
          .listen(url, [expose(networkServiceWire, served({ request: async () => blank }))])
        await ask()
      })

      it("is reached again after it came back", async () => {
        const url = world.url()
        const exposed = [expose(networkServiceWire, served({ request: async () => blank }))]
        const first = await world.transport("server").listen(url, exposed)
        const client = clientOf(first)
        await inCall((call) => client.request(request("c1"), call))
        await first[Symbol.asyncDispose]()
        await assert.rejects(
          inCall((call) => client.request(request("c1"), call)),
          failure("PEER_UNREACHABLE", /./),
        )
        await world.transport("server").listen(first.url, exposed)
        await inCall((call) => client.request(request("c1"), call))
      })

      it("lets calls finish when it ends, takes no more and ends streams", async () => {
        const begun = Promise.withResolvers<void>()
        const go = Promise.withResolvers<void>()
        const listener = await listen({
          async request() {
            begun.resolve()
            await go.promise
            return blank
          },
          async *monitorConnections(_, call) {
            yield event("c1")
            await ended(call.signal)
            throw call.signal.reason
          },
        })
        const client = clientOf(listener)
        const ids: string[] = []
        const watched = failed(inCall((call) => readIds(client.monitorConnections(all, call), ids)))
        const asked = inCall((call) => client.request(request("c1"), call))
        await begun.promise
        while (ids.length === 0) await world.pass(1)
        const gone = listener[Symbol.asyncDispose]()
        const error = await watched
        assert.equal(error.reason, "SHUTTING_DOWN")
        assert.equal(error.hop, "server")
        await assert.rejects(
          inCall((call) => clientOf(listener, "late").request(request("c2"), call)),
          failure("PEER_UNREACHABLE", /./),
        )
        go.resolve()
        assert.equal((await asked).id, "")
        await gone
      })

      it("cuts calls that outlast its patience", async () => {
        const begun = Promise.withResolvers<Call>()
        const listener = await listen({
          async request(_, call) {
            begun.resolve(call)
            return await new Promise(() => {})
          },
        })
        const asked = failed(inCall((call) => clientOf(listener).request(request("c1"), call)))
        const served = await begun.promise
        const gone = listener[Symbol.asyncDispose]()
        await world.pass(250)
        await gone
        const error = await asked
        assert.ok(
          ["PEER_UNREACHABLE", "SHUTTING_DOWN", "CANCELLED"].includes(error.reason),
          `${error}`,
        )
        assert.ok(served.signal.aborted)
      })

      it("keeps others away from its URL", async () => {
        const listener = await listen({})
        await assert.rejects(
          world.transport("other").listen(listener.url, []),
          failure("ADDRESS_IN_USE", new RegExp(lastPart(listener.url))),
        )
      })

      it("leaves its URL free behind it", async () => {
        const listener = await listen({})
        await listener[Symbol.asyncDispose]()
        await listener[Symbol.asyncDispose]()
        await world.transport("other").listen(listener.url, [])
      })

      it("does not know what it does not serve", async () => {
        const listener = await world.transport("server").listen(world.url(), [])
        await assert.rejects(
          inCall((call) => clientOf(listener).request(request("c1"), call)),
          failure("UNIMPLEMENTED", /./),
        )
      })

      it("refuses bytes that are no message", async () => {
        const listener = await listen({ request: async () => blank })
        const { method } = NetworkServiceService
        const wrong: Wire<{
          request(message: object, call: Call): Promise<unknown>
        }> = { request: { ...method.request, input: PathSegmentSchema } }
        const client = world.transport("client").client(listener.url, wrong)
        const segment = create(PathSegmentSchema, { name: "not a connection" })
        await assert.rejects(
          inCall((call) => client.request(segment, call)),
          failure("MALFORMED_MESSAGE", /networkservice\.NetworkServiceRequest/),
        )
      })

      it("says that it is healthy", async () => {
        const listener = await listen({})
        const health = world.transport("probe").client(listener.url, healthWire)
        const check = (service: string): Promise<unknown> =>
          inCall(async (call) => {
            const asked = create(HealthCheckRequestSchema, { service })
            return (await health.check(asked, call)).status
          })
        for (const service of [
          "",
          "networkservice.NetworkService",
          "connection.MonitorConnection",
        ]) {
          assert.equal(await check(service), HealthCheckResponse_ServingStatus.SERVING, service)
        }
        await assert.rejects(check("no.Such"), failure("SERVICE_NOT_FOUND", /no\.Such/))
      })

      const goneListener = async (): Promise<Listener> => {
        const listener = await listen({})
        await listener[Symbol.asyncDispose]()
        return listener
      }
    })

    it("ends calls that run when it is disposed", async () => {
      const begun = Promise.withResolvers<Call>()
      const listener = await listen({
        async request(_, call) {
          begun.resolve(call)
          return await new Promise(() => {})
        },
      })
      const transport = world.transport("client")
      const asked = failed(
        inCall((call) =>
          transport.client(listener.url, networkServiceWire).request(request("c1"), call),
        ),
      )
      const served = await begun.promise
      await transport[Symbol.asyncDispose]()
      assert.equal((await asked).reason, "SHUTTING_DOWN")
      await ended(served.signal)
    })

    it("leaves nothing open", async () => {
      await nextTurn()
      const before = openResources()
      const passing = await makeWorld()
      const listener = await passing
        .transport("server")
        .listen(passing.url(), [expose(networkServiceWire, served({ request: async () => blank }))])
      const client = passing.transport("client").client(listener.url, networkServiceWire)
      await withCall({ clock: passing.clock, log: silentLog, timeoutMs: 5000 }, async (call) => {
        await client.request(request("c1"), call)
        await failed(readIds(client.monitorConnections(all, call)))
      })
      await passing[Symbol.asyncDispose]()
      // Handles are let go of in the turns after they are closed.
      for (let turn = 0; turn < 20 && openResources() !== before; turn++) {
        await nextTurn()
      }
      assert.equal(openResources(), before)
    })
  })
}

const blank = create(ConnectionSchema)
const all = create(MonitorScopeSelectorSchema)

function request(id: string) {
  return create(NetworkServiceRequestSchema, { connection: { id } })
}

function event(id: string, payload = "") {
  return create(ConnectionEventSchema, { connections: { [id]: { id, payload } } })
}

function served(service: Partial<NetworkService>): NetworkService {
  const unserved = new NsmError("UNIMPLEMENTED", "not part of this test")
  return {
    request: () => Promise.reject(unserved),
    close: () => Promise.reject(unserved),
    // oxlint-disable-next-line require-yield -- stands for a service without events
    async *monitorConnections() {
      throw unserved
    },
    ...service,
  }
}

async function readIds(
  events: ReturnType<NetworkService["monitorConnections"]>,
  ids: string[] = [],
): Promise<readonly string[]> {
  for await (const { connections } of events) ids.push(...Object.keys(connections))
  return ids
}

async function failed(work: Promise<unknown>): Promise<NsmError> {
  const outcome = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  assert.ok(outcome instanceof NsmError, `${String(outcome)} is no coded failure`)
  return outcome
}

function failure(reason: Reason, text: RegExp): (thrown: unknown) => boolean {
  return (thrown) => {
    assert.ok(thrown instanceof NsmError, String(thrown))
    assert.equal(thrown.reason, reason, thrown.message)
    assert.match(thrown.text, text)
    return true
  }
}

function describeError(error: unknown): unknown {
  if (!(error instanceof NsmError)) return error instanceof Error ? error.message : error
  const { reason, code, hop = "", element = "", text } = error
  const led = causes(error).map(describeError)
  return { reason, code, place: `${hop}/${element}`, text, causes: led }
}

function lastPart(url: string): string {
  return url.slice(url.lastIndexOf("/") + 1).replaceAll(".", "\\.")
}

async function nextTurn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

/** Sockets, servers and timers that keep the process alive, as one text to compare. */
function openResources(): string {
  const counted = process
    .getActiveResourcesInfo()
    .filter((name) => /Wrap|Timeout|HTTP2/i.test(name))
    .toSorted()
  return counted.join(" ")
}
