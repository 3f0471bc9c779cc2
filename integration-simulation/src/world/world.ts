import { type Clock, type IdentitySource, MemoryNetwork, type Random, seededRandom } from "@nsm/sdk"
import { FakeClock, fixedIdentity } from "@nsm/sdk/testing"
import { Kernel } from "../kernel/kernel.ts"
import { Books } from "./books.ts"
import { Disk } from "./disk.ts"
import { SimProcess } from "./sim-process.ts"
import { Trace } from "./trace.ts"
import { Underlay } from "./underlay.ts"
import { Weather } from "./weather.ts"

/** What a world begins with. */
export interface WorldOptions {
  readonly seed: number
  readonly tokenLifetimeMs: number
  /** How far the clock of a host may be wrong, either way. */
  readonly skewMs: number
}

/** So many timers at one instant are no work any more. */
const busyTimers = 50_000

/** What all parts of a simulation stand in. */
export class World {
  readonly seed: number
  readonly tokenLifetimeMs: number
  readonly clock = new FakeClock()
  readonly trace: Trace
  readonly underlay = new Underlay()
  readonly kernel: Kernel
  readonly weather: Weather
  readonly books = new Books()
  readonly #disks = new Map<string, Disk>()
  readonly network = new MemoryNetwork()
  readonly #start = this.clock.now()
  readonly #identity: IdentitySource
  readonly #skewMs: number
  readonly #skews = new Map<string, number>()
  readonly #runs = new Map<string, number>()
  #instant = { at: 0, timers: 0 }

  /** The certificates of all processes are one: nobody in here looks at more than their ids. */
  static async create(options: WorldOptions): Promise<World> {
    return new World(options, await fixedIdentity({ id: "spiffe://simulation/any" }))
  }

  private constructor({ seed, tokenLifetimeMs, skewMs }: WorldOptions, identity: IdentitySource) {
    this.seed = seed
    this.tokenLifetimeMs = tokenLifetimeMs
    this.#skewMs = skewMs
    this.#identity = identity
    this.trace = new Trace(() => this.now)
    const { clock, underlay } = this
    this.weather = new Weather({ clock, underlay, random: this.chance("weather") })
    this.kernel = new Kernel({ underlay })
    this.kernel.onEvent((what, { owner, namespace, name, alias }) =>
      this.trace.add(owner, `${what} ${name} (${alias}) in ${namespace.url}`),
    )
  }

  /** Milliseconds since the world began. */
  get now(): number {
    return this.clock.now() - this.#start
  }

  /** When a request arrived twice last. */
  get lastRepeat(): number {
    return this.weather.repeatedAt - this.#start
  }

  /** Chance of its own for a part, so that what one does leaves the others as they were. */
  chance(of: string): Random {
    return seededRandom(hash(`${this.seed} ${of}`))
  }

  /** What a part has written down. */
  disk(of: string): Disk {
    const disk = this.#disks.get(of) ?? new Disk()
    this.#disks.set(of, disk)
    return disk
  }

  /** Starts a process. */
  process(name: string, host: string): SimProcess {
    const run = (this.#runs.get(name) ?? 0) + 1
    this.#runs.set(name, run)
    const { clock, network, weather, tokenLifetimeMs } = this
    const { current } = this.#identity
    const id = `spiffe://simulation/${name}`
    const identity: IdentitySource = {
      current: { ...current, svid: { ...current.svid, id } },
      onChange: () => ({ [Symbol.dispose]() {} }),
    }
    return new SimProcess({
      ...{ name, host, clock, network, weather, tokenLifetimeMs },
      identity,
      random: this.chance(`${name} ${run}`),
      log: this.trace.log(name),
      skewMs: this.#skewOf(host),
      onTimer: () => this.#mayWait(name, clock),
    })
  }

  /** Whoever keeps setting timers while time stands still would never let it go on. */
  #mayWait(name: string, clock: Clock): boolean {
    this.books.timer(name)
    const at = clock.now()
    if (this.#instant.at !== at) this.#instant = { at, timers: 0 }
    this.#instant.timers += 1
    if (this.#instant.timers <= busyTimers) return true
    this.books.isBusy = name
    return false
  }

  #skewOf(host: string): number {
    const known = this.#skews.get(host)
    if (known !== undefined) return known
    const skew = this.chance(`clock of ${host}`).integer(2 * this.#skewMs + 1) - this.#skewMs
    this.#skews.set(host, skew)
    return skew
  }
}

/** FNV-1a: the same number for the same text. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0
  return value
}
