import assert from "node:assert/strict"
import { NsmError, seededRandom, silentLog } from "@nsm/sdk"
import { FakeClock } from "@nsm/sdk/testing"
import type { CommandEnd } from "./start-command.ts"
import { Supplies } from "./supplies.ts"

const wanted = { service: "web", node: "node-1" }

/** What a test does with a command that was started. */
interface Command {
  readonly name: string
  readonly isEnded: () => boolean
  register(): void
  exit(end: CommandEnd): void
}

function world() {
  const clock = new FakeClock()
  const commands: Command[] = []
  let newcomer = Promise.withResolvers<string>()
  const supplies = new Supplies({
    start(_, name) {
      const exited = Promise.withResolvers<CommandEnd>()
      let isEnded = false
      const { resolve } = newcomer
      commands.push({
        name,
        isEnded: () => isEnded,
        register: () => resolve(name),
        exit: exited.resolve,
      })
      return {
        end: exited.promise,
        async [Symbol.asyncDispose]() {
          isEnded = true
          exited.resolve({ isOrderly: true, how: "ended with 0" })
        },
      }
    },
    registration: async () => {
      newcomer = Promise.withResolvers()
      const { promise } = newcomer
      return ({ signal }) =>
        Promise.race([
          promise,
          new Promise<never>((_, reject) => {
            signal.addEventListener("abort", () => reject(signal.reason as Error))
          }),
        ])
    },
    ...{
      name: "supplier",
      limit: 3,
      timeoutMs: 60_000,
      clock,
      log: silentLog,
      random: seededRandom(1),
    },
  })
  const only = (): Command => {
    const [command] = commands
    assert.ok(command && commands.length === 1, `${commands.length} commands`)
    return command
  }
  return { clock, supplies, commands, only }
}

describe("Supplies", () => {
  it("starts an endpoint and answers its name once it has registered", async () => {
    const { clock, supplies, only } = world()
    const supplying = supplies.supply(wanted)
    await clock.advance(1000)
    only().register()
    assert.equal(await supplying, only().name)
    assert.match(only().name, /^supplier-[0-9a-f]{8}$/)
    assert.equal(clock.pending, 0)
    await supplies[Symbol.asyncDispose]()
  })

  it("starts one for all who ask meanwhile and as long as it runs, and the next after its end", async () => {
    const { clock, supplies, commands, only } = world()
    const both = [supplies.supply(wanted), supplies.supply(wanted)]
    await clock.advance(1000)
    only().register()
    await Promise.all(both)
    assert.equal(await supplies.supply(wanted), only().name)
    only().exit({ isOrderly: true, how: "ended with 0" })
    await clock.advance(0)
    assert.equal(supplies.size, 0)
    const again = supplies.supply(wanted)
    await clock.advance(0)
    commands[1]?.register()
    assert.equal(await again, commands[1]?.name)
    await supplies[Symbol.asyncDispose]()
  })

  it("starts one for each service and node", async () => {
    const { clock, supplies, commands } = world()
    const asked = [wanted, { ...wanted, node: "node-2" }, { ...wanted, service: "dns" }]
    for (const one of asked) {
      const supplying = supplies.supply(one)
      await clock.advance(0)
      commands.at(-1)?.register()
      await supplying
    }
    assert.equal(commands.length, 3)
    await supplies[Symbol.asyncDispose]()
  })

  it("says how a command failed, and lets the next request try again", async () => {
    const { clock, supplies, commands, only } = world()
    const refused = assert.rejects(supplies.supply(wanted), {
      reason: "ENDPOINT_START_FAILED",
      text: "the supplier's command ended with 3 before an endpoint registered",
    })
    await clock.advance(0)
    only().exit({ isOrderly: false, how: "ended with 3" })
    await refused
    await clock.advance(0)
    const again = supplies.supply(wanted)
    await clock.advance(0)
    commands[1]?.register()
    await again
    await supplies[Symbol.asyncDispose]()
  })

  it("starts an endpoint again that has crashed, under its name", async () => {
    const { clock, supplies, commands, only } = world()
    const supplying = supplies.supply(wanted)
    await clock.advance(0)
    only().register()
    await supplying
    only().exit({ isOrderly: false, how: "was ended by SIGKILL" })
    await clock.advance(1000)
    assert.deepEqual(
      commands.map(({ name }) => name),
      Array.from({ length: 2 }, () => commands[0]?.name),
    )
    assert.equal(await supplies.supply(wanted), commands[0]?.name)
    commands[1]?.exit({ isOrderly: true, how: "ended with 0" })
    await clock.advance(0)
    assert.equal(supplies.size, 0)
    assert.equal(clock.pending, 0)
  })

  it("gives up on one that crashes time and again", async () => {
    const { clock, supplies, commands, only } = world()
    const supplying = supplies.supply(wanted)
    await clock.advance(0)
    only().register()
    await supplying
    for (let times = 0; times < 10; times++) {
      commands.at(-1)?.exit({ isOrderly: false, how: "ended with 1" })
      await clock.advance(20_000)
    }
    assert.equal(commands.length, 6)
    assert.equal(supplies.size, 0)
  })

  it("does not start again while it is ending", async () => {
    const { clock, supplies, commands, only } = world()
    const supplying = supplies.supply(wanted)
    await clock.advance(0)
    only().register()
    await supplying
    only().exit({ isOrderly: false, how: "ended with 1" })
    await clock.advance(0)
    await supplies[Symbol.asyncDispose]()
    assert.equal(commands.length, 1)
    assert.equal(clock.pending, 0)
  })

  it("waits on for a command that leaves the endpoint to somebody else", async () => {
    const { clock, supplies, only } = world()
    const supplying = supplies.supply(wanted)
    await clock.advance(0)
    only().exit({ isOrderly: true, how: "ended with 0" })
    await clock.advance(10_000)
    only().register()
    await supplying
    await clock.advance(0)
    assert.equal(supplies.size, 0)
  })

  it("ends what does not register in time", async () => {
    const { clock, supplies, only } = world()
    const refused = assert.rejects(supplies.supply(wanted), {
      reason: "ENDPOINT_START_FAILED",
      text: /did not register within 60000 ms$/,
    })
    await clock.advance(60_000)
    await refused
    await clock.advance(0)
    assert.ok(only().isEnded())
    assert.equal(supplies.size, 0)
  })

  it("starts no more at a time than it may, and again when one has ended", async () => {
    const { clock, supplies, commands } = world()
    const begun: Promise<string>[] = []
    for (const node of ["node-1", "node-2", "node-3"]) {
      begun.push(supplies.supply({ service: "web", node }))
      await clock.advance(0)
    }
    const fourth = { service: "web", node: "node-4" }
    await assert.rejects(supplies.supply(fourth), {
      reason: "ENDPOINT_START_FAILED",
      text: /^3 endpoints .*NSM_SUPPLY_LIMIT/,
    })
    commands[0]?.register()
    commands[0]?.exit({ isOrderly: true, how: "ended with 0" })
    await begun[0]
    await clock.advance(0)
    begun.push(supplies.supply(fourth))
    await clock.advance(0)
    assert.equal(commands.length, 4)
    const ends = Promise.allSettled(begun)
    await supplies[Symbol.asyncDispose]()
    await ends
  })

  it("ends all that it has started, also what is only starting, and starts nothing more", async () => {
    const { clock, supplies, commands } = world()
    const running = supplies.supply(wanted)
    await clock.advance(0)
    commands[0]?.register()
    await running
    const starting = assert.rejects(supplies.supply({ ...wanted, node: "node-2" }), {
      reason: "SHUTTING_DOWN",
    })
    await clock.advance(0)
    await supplies[Symbol.asyncDispose]()
    await starting
    assert.deepEqual(
      commands.map(({ isEnded }) => isEnded()),
      [true, true],
    )
    await assert.rejects(supplies.supply(wanted), (failure: unknown) => {
      assert.equal(NsmError.from(failure).reason, "SHUTTING_DOWN")
      return true
    })
    assert.equal(clock.pending, 0)
  })
})
