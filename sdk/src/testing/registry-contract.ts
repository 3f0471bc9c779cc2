import assert from "node:assert/strict"
import { create, type MessageInitShape } from "@bufbuild/protobuf"
import { timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt"
import {
  type NetworkService,
  type NetworkServiceEndpoint,
  NetworkServiceEndpointSchema,
  NetworkServiceSchema,
} from "@nsm/api"
import { type Call, withCall } from "../core/call.ts"
import type { Clock } from "../core/clock.ts"
import { NsmError } from "../core/errors.ts"
import { silentLog } from "../core/log.ts"
import { endpointKind, serviceKind } from "../registry/kind.ts"
import type { Registries } from "../registry/service.ts"

/** Registries to be tested, empty, with the time on which registrations expire. */
export interface RegistryWorld extends AsyncDisposable {
  readonly registries: Registries
  readonly clock: Clock
  /** Lets time pass on that clock. */
  pass(ms: number): Promise<void>
}

/** What every registry does, as a mocha suite. */
export function registryContract(title: string, makeWorld: () => Promise<RegistryWorld>): void {
  describe(`${title} as a registry`, () => {
    let world: RegistryWorld
    beforeEach(async () => {
      world = await makeWorld()
    })
    afterEach(() => world[Symbol.asyncDispose]())

    const inCall = <T>(run: (call: Call) => Promise<T>, signal?: AbortSignal): Promise<T> =>
      withCall({ clock: world.clock, log: silentLog, signal }, run)

    describe("of network services", () => {
      const register = (init: ServiceInit): Promise<NetworkService> =>
        inCall((call) =>
          world.registries.services.register(create(NetworkServiceSchema, init), call),
        )
      const unregister = (name: string): Promise<void> =>
        inCall((call) =>
          world.registries.services.unregister(create(NetworkServiceSchema, { name }), call),
        )
      const find = (wanted?: ServiceInit): Promise<string[]> =>
        inCall(async (call) => {
          const query = serviceKind.query(wanted && create(NetworkServiceSchema, wanted), false)
          const names: string[] = []
          for await (const answer of world.registries.services.find(query, call)) {
            assert.equal(answer.deleted, false)
            names.push(answer.networkService?.name ?? "")
          }
          return names.toSorted()
        })
      const match = (app: string) => ({ matches: [{ sourceSelector: { app } }] })

      it("answers what it stored, with the payload IP where none was named", async () => {
        assert.equal((await register({ name: "icmp" })).payload, "IP")
        assert.equal((await register({ name: "l2", payload: "ETHERNET" })).payload, "ETHERNET")
      })

      it("finds by name, payload and matches, and all when nothing is asked for", async () => {
        await register({ name: "icmp", ...match("a") })
        await register({ name: "l2", payload: "ETHERNET", ...match("b") })
        assert.deepEqual(await find(), ["icmp", "l2"])
        assert.deepEqual(await find({}), ["icmp", "l2"])
        assert.deepEqual(await find({ name: "icmp" }), ["icmp"])
        assert.deepEqual(await find({ name: "icm" }), [])
        assert.deepEqual(await find({ payload: "ETHERNET" }), ["l2"])
        assert.deepEqual(await find({ name: "icmp", payload: "ETHERNET" }), [])
        assert.deepEqual(await find(match("b")), ["l2"])
        assert.deepEqual(await find(match("c")), [])
      })

      it("replaces what was registered under the same name", async () => {
        await register({ name: "icmp", payload: "ETHERNET" })
        await register({ name: "icmp", payload: "IP" })
        assert.deepEqual(await find({ payload: "ETHERNET" }), [])
        assert.deepEqual(await find({ payload: "IP" }), ["icmp"])
      })

      it("refuses a service without a name", async () => {
        await assert.rejects(
          register({}),
          (error: NsmError) => error.reason === "INVALID_REQUEST" && /name/.test(error.text),
        )
      })

      it("takes a service out, known or not", async () => {
        await register({ name: "icmp" })
        await unregister("icmp")
        await unregister("icmp")
        assert.deepEqual(await find(), [])
      })

      it("keeps a service for good", async () => {
        await register({ name: "icmp" })
        await world.pass(3_600_000)
        assert.deepEqual(await find(), ["icmp"])
      })

      it("tells watchers what is there and what changes", async () => {
        await register({ name: "icmp" })
        await inCall(async (call) => {
          const query = serviceKind.query(create(NetworkServiceSchema), true)
          const watch = world.registries.services.find(query, call)[Symbol.asyncIterator]()
          const next = async (): Promise<unknown> => {
            const { value } = (await watch.next()) as { value: ServiceAnswer }
            return [value.networkService?.name, value.networkService?.payload, value.deleted]
          }
          assert.deepEqual(await next(), ["icmp", "IP", false])
          await register({ name: "l2", payload: "ETHERNET" })
          assert.deepEqual(await next(), ["l2", "ETHERNET", false])
          await unregister("icmp")
          assert.deepEqual(await next(), ["icmp", "IP", true])
          await watch.return?.()
        })
      })
    })

    describe("of endpoints", () => {
      const register = (init: EndpointInit): Promise<NetworkServiceEndpoint> =>
        inCall((call) => world.registries.endpoints.register(endpoint(init), call))
      const unregister = (name: string): Promise<void> =>
        inCall((call) => world.registries.endpoints.unregister(endpoint({ name }), call))
      const find = (wanted?: EndpointInit): Promise<string[]> =>
        inCall(async (call) => {
          const query = endpointKind.query(wanted && endpoint(wanted), false)
          const names: string[] = []
          for await (const answer of world.registries.endpoints.find(query, call)) {
            assert.equal(answer.deleted, false)
            names.push(answer.networkServiceEndpoint?.name ?? "")
          }
          return names.toSorted()
        })
      const watching = (
        wanted: EndpointInit,
        run: (next: () => Promise<EndpointAnswer>) => Promise<void>,
      ): Promise<void> =>
        inCall(async (call) => {
          const query = endpointKind.query(endpoint(wanted), true)
          const watch = world.registries.endpoints.find(query, call)[Symbol.asyncIterator]()
          await run(async () => {
            const { value, done } = (await watch.next()) as { value: EndpointAnswer; done: boolean }
            assert.ok(!done, "the watch ended")
            return value
          })
          await watch.return?.()
        })
      const seen = ({ networkServiceEndpoint, deleted }: EndpointAnswer): [string, boolean] => [
        networkServiceEndpoint?.name ?? "",
        deleted,
      ]
      const serving = (name: string, ...services: string[]) => ({
        name,
        networkServiceNames: services,
        url: `tcp://${name}:1`,
      })

      it("answers when the registration ends, a minute from now at the latest", async () => {
        const now = world.clock.now()
        assert.equal(endOf(await register(serving("e1", "icmp"))), now + 60_000)
        const expirationTime = timestampFromMs(now + 20_000)
        const granted = await register({ ...serving("e2", "icmp"), expirationTime })
        assert.equal(endOf(granted), now + 20_000)
      })

      it("keeps the time of the first registration until it is taken out", async () => {
        const start = world.clock.now()
        const firstOf = async (): Promise<number> => {
          const { initialRegistrationTime } = await register(serving("e1", "icmp"))
          assert.ok(initialRegistrationTime)
          return timestampMs(initialRegistrationTime)
        }
        assert.equal(await firstOf(), start)
        await world.pass(30_000)
        assert.equal(await firstOf(), start)
        await unregister("e1")
        assert.equal(await firstOf(), start + 30_000)
      })

      it("keeps which hops an entry passed, each in its place, when it is renewed", async () => {
        const pathIds = ["spiffe://nsm.local/nse", "spiffe://nsm.local/nsmgr"]
        const first = await register({ ...serving("e1", "icmp"), pathIds })
        await register(first)
        await inCall(async (call) => {
          const query = endpointKind.query(endpoint({ name: "e1" }), false)
          for await (const { networkServiceEndpoint } of world.registries.endpoints.find(
            query,
            call,
          )) {
            assert.deepEqual(networkServiceEndpoint?.pathIds, first.pathIds)
          }
        })
        assert.ok(first.pathIds.length >= pathIds.length)
      })

      it("finds by name, services, labels, part of the URL and second of expiration", async () => {
        const labels = { icmp: { labels: { app: "a", zone: "1" } } }
        await register({ ...serving("e1", "icmp", "dns"), networkServiceLabels: labels })
        await register(serving("e2", "icmp"))
        await register(serving("e3", "dns"))
        const { expirationTime } = await register(serving("e1", "icmp", "dns"))
        await register({ ...serving("e1", "icmp", "dns"), networkServiceLabels: labels })
        assert.ok(expirationTime)
        const cases: [EndpointInit | undefined, string[]][] = [
          [undefined, ["e1", "e2", "e3"]],
          [{}, ["e1", "e2", "e3"]],
          [{ name: "e2" }, ["e2"]],
          [{ name: "e" }, []],
          [{ networkServiceNames: ["icmp"] }, ["e1", "e2"]],
          [{ networkServiceNames: ["dns", "icmp"] }, ["e1"]],
          [{ networkServiceNames: ["none"] }, []],
          [{ networkServiceLabels: { icmp: { labels: { app: "a" } } } }, ["e1"]],
          [{ networkServiceLabels: { icmp: { labels: { app: "b" } } } }, []],
          [{ networkServiceLabels: { icmp: {} } }, ["e1"]],
          [{ networkServiceLabels: { dns: {} } }, []],
          [{ url: "//e2" }, ["e2"]],
          [{ url: "tcp://" }, ["e1", "e2", "e3"]],
          [{ expirationTime }, ["e1", "e2", "e3"]],
          [{ expirationTime: timestampFromMs(timestampMs(expirationTime) + 1000) }, []],
          [{ name: "e1", networkServiceNames: ["icmp"], url: "e1" }, ["e1"]],
          [{ name: "e1", networkServiceNames: ["none"] }, []],
        ]
        for (const [wanted, names] of cases) {
          assert.deepEqual(await find(wanted), names, JSON.stringify(wanted?.networkServiceNames))
        }
      })

      it("finds an endpoint no more under a service that it gave up", async () => {
        await register(serving("e1", "icmp"))
        await register(serving("e1", "dns"))
        assert.deepEqual(await find({ networkServiceNames: ["icmp"] }), [])
        assert.deepEqual(await find({ networkServiceNames: ["dns"] }), ["e1"])
        assert.deepEqual(await find({ name: "e1" }), ["e1"])
      })

      it("refuses an endpoint without a name", async () => {
        await assert.rejects(
          register({ networkServiceNames: ["icmp"] }),
          (error: NsmError) => error.reason === "INVALID_REQUEST" && /name/.test(error.text),
        )
      })

      it("takes an endpoint out, known or not", async () => {
        await register(serving("e1", "icmp"))
        await unregister("e1")
        await unregister("e1")
        assert.deepEqual(await find(), [])
      })

      it("takes an endpoint out that was not renewed in time, and tells watchers", async () => {
        await register(serving("e1", "icmp"))
        await register(serving("e2", "icmp"))
        await watching({ networkServiceNames: ["icmp"] }, async (next) => {
          assert.deepEqual(
            new Set([seen(await next())[0], seen(await next())[0]]),
            new Set(["e1", "e2"]),
          )
          await world.pass(40_000)
          await register(serving("e2", "icmp"))
          assert.deepEqual(seen(await next()), ["e2", false])
          await world.pass(20_001)
          assert.deepEqual(seen(await next()), ["e1", true])
        })
        assert.deepEqual(await find(), ["e2"])
        await world.pass(60_001)
        assert.deepEqual(await find(), [])
      })

      it("tells watchers of changes to what matches, with the whole entry", async () => {
        await register(serving("e0", "dns"))
        await watching({ networkServiceNames: ["icmp"] }, async (next) => {
          await register(serving("e1", "icmp"))
          assert.deepEqual(seen(await next()), ["e1", false])
          await register(serving("e2", "dns"))
          await register({ ...serving("e1", "icmp"), url: "tcp://moved:1" })
          const moved = await next()
          assert.deepEqual(seen(moved), ["e1", false])
          assert.equal(moved.networkServiceEndpoint?.url, "tcp://moved:1")
          await unregister("e2")
          await unregister("e1")
          const gone = await next()
          assert.deepEqual(seen(gone), ["e1", true])
          assert.equal(gone.networkServiceEndpoint?.url, "tcp://moved:1")
          assert.deepEqual(gone.networkServiceEndpoint.networkServiceNames, ["icmp"])
        })
      })

      it("tells watchers of an entry that matches no more that it is gone", async () => {
        await register(serving("e1", "icmp"))
        await watching({ networkServiceNames: ["icmp"] }, async (next) => {
          assert.deepEqual(seen(await next()), ["e1", false])
          await register(serving("e1", "dns"))
          assert.deepEqual(seen(await next()), ["e1", true])
        })
      })

      it("watches one name", async () => {
        await watching({ name: "e1" }, async (next) => {
          await register(serving("e2", "icmp"))
          await register(serving("e1", "icmp"))
          assert.deepEqual(seen(await next()), ["e1", false])
        })
      })

      it("ends a watch with its call", async () => {
        const controller = new AbortController()
        await register(serving("e1", "icmp"))
        const watched = inCall(async (call) => {
          const query = endpointKind.query(undefined, true)
          for await (const _ of world.registries.endpoints.find(query, call)) {
            controller.abort(new NsmError("CANCELLED", "enough"))
          }
        }, controller.signal)
        await assert.rejects(watched, (error: NsmError) => error.reason === "CANCELLED")
      })

      it("lets a slow watcher skip to the latest, and holds up nobody for it", async () => {
        const filling = { filling: "x".repeat(10_000) }
        const change = (at: number): Promise<NetworkServiceEndpoint> =>
          register({
            ...serving("e1", "icmp"),
            url: `tcp://host:${at}`,
            networkServiceLabels: { icmp: { labels: filling } },
          })
        const changes = 400
        const isLast = ({ networkServiceEndpoint }: EndpointAnswer): boolean =>
          networkServiceEndpoint?.url === `tcp://host:${changes}`
        await change(0)
        await watching({ name: "e1" }, async (slow) => {
          await slow()
          await watching({ name: "e1" }, async (quick) => {
            await quick()
            for (let at = 1; at <= changes; at++) await change(at)
            while (!isLast(await quick()));
          })
          let told = 1
          while (!isLast(await slow())) told += 1
          assert.ok(told < changes / 2, `${told} of ${changes} changes waited for the slow watcher`)
        })
      })

      it("tells one change to many watchers", async () => {
        const watchers = 50
        const told = Array.from({ length: watchers }, () =>
          watching({ networkServiceNames: ["icmp"] }, async (next) => {
            assert.deepEqual(seen(await next()), ["e1", false])
          }),
        )
        await register(serving("e1", "icmp"))
        await Promise.all(told)
      })
    })
  })
}

type ServiceInit = MessageInitShape<typeof NetworkServiceSchema>
type EndpointInit = MessageInitShape<typeof NetworkServiceEndpointSchema>

interface ServiceAnswer {
  readonly networkService?: NetworkService
  readonly deleted: boolean
}

interface EndpointAnswer {
  readonly networkServiceEndpoint?: NetworkServiceEndpoint
  readonly deleted: boolean
}

function endpoint(init: EndpointInit): NetworkServiceEndpoint {
  return create(NetworkServiceEndpointSchema, init)
}

function endOf({ expirationTime }: NetworkServiceEndpoint): number | undefined {
  return expirationTime && timestampMs(expirationTime)
}
