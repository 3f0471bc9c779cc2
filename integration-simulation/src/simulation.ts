import { bounds } from "./bounds.ts"
import { Fate } from "./faults/fate.ts"
import { noAddressTwice, oneAddressEach } from "./invariants/addresses.ts"
import { authorizedWires } from "./invariants/authorized-wires.ts"
import { deadlines } from "./invariants/deadlines.ts"
import type { Invariant, Phase, Violation } from "./invariants/invariant.ts"
import { nothingRemains } from "./invariants/nothing-remains.ts"
import { type Recovery, recovery } from "./invariants/recovery.ts"
import { noBusyLoop, SteadyWork } from "./invariants/steady-work.ts"
import { sticky } from "./invariants/sticky.ts"
import type { Plan } from "./plan.ts"
import { type Defects, Mesh } from "./world/mesh.ts"
import { World } from "./world/world.ts"

/** How often the invariants are looked at, in virtual time. */
const stepMs = 250

/** How much later than a message its copy may arrive. */
const lateMs = 5000

/** Parts start within this time. */
const startMs = 3000

/** A violation, and when it was found. */
export interface Found extends Violation {
  /** Milliseconds since the world began. */
  readonly at: number
}

/** What a simulation hands in beside its plan. */
export interface SimulationOptions {
  /** Defects to plant. @default none */
  readonly defects?: Defects
  /** Hears how much of the virtual time has passed, from 0 to 1. */
  readonly onProgress?: (part: number) => void
}

/** One world from its beginning to its end. */
export class Simulation {
  readonly plan: Plan
  readonly world: World
  readonly mesh: Mesh
  readonly fate: Fate
  readonly found: Found[] = []
  readonly recovery: Recovery = recovery()
  readonly #invariants: readonly Invariant[]
  readonly #onProgress: (part: number) => void
  #phase: Phase

  static async of(plan: Plan, options: SimulationOptions = {}): Promise<Simulation> {
    return new Simulation(plan, await World.create(plan), options)
  }

  private constructor(plan: Plan, world: World, { defects, onProgress }: SimulationOptions) {
    this.plan = plan
    this.world = world
    this.#onProgress = onProgress ?? (() => {})
    const stickiness = sticky({
      isForgotten: (record) => this.mesh.isForgotten(record),
      isTaken: (...lease) => world.books.isTaken(...lease),
      isRepeated: ({ grantedAt }) => world.lastRepeat >= grantedAt - lateMs,
    })
    this.mesh = new Mesh(world, plan, stickiness.onGranted, defects)
    const random = world.chance("fate")
    this.fate = new Fate({ world, mesh: this.mesh, random }, plan.faults)
    this.#phase = { calmSince: 0, hadFaults: plan.faults > 0 }
    this.#invariants = [
      authorizedWires(),
      oneAddressEach(),
      noAddressTwice(),
      stickiness,
      nothingRemains(),
      deadlines(),
      this.recovery,
      noBusyLoop(),
    ]
  }

  /** Runs to the end, or to the first violation. */
  async run(): Promise<void> {
    const { world, mesh, fate, plan } = this
    try {
      this.#startAll()
      await this.#pass(startMs + bounds.recoveryMs, "starting")
      if (plan.faults > 0) {
        this.#phase = { ...this.#phase, calmSince: undefined }
        fate.begin()
        await this.#pass(plan.minutes * 60_000, "faults strike")
        fate.end()
        this.#phase = { ...this.#phase, calmSince: world.now }
        await this.#pass(bounds.recoveryMs, "faults are over")
      }
      const work = new SteadyWork({ world })
      await this.#pass(Math.max(60_000, 0.4 * plan.tokenLifetimeMs), "all is calm")
      if (this.found.length === 0) this.#note(work.judge({ world, mesh }))
      for (const client of mesh.clients) client.stop().catch(() => {})
      await this.#pass(2 * bounds.closeMs, "all clients stop")
      if (plan.faults > 0) await this.#pass(plan.tokenLifetimeMs + bounds.removalMs, "tokens end")
    } finally {
      fate.end()
      for (const part of [...mesh.clients, ...mesh.parts]) part.crash()
    }
    if (this.found.length > 0) return
    // The network has timers of its own.
    await world.clock.advance(60_000)
    if (world.clock.pending === 0) return
    const text = `${world.clock.pending} timers are left when every process is dead`
    this.#note([
      { invariant: "after the last close nothing remains", connection: "", hop: "world", text },
    ])
  }

  #startAll(): void {
    const { world, mesh } = this
    const chance = world.chance("start")
    for (const part of [...mesh.parts, ...mesh.clients]) {
      world.clock.schedule(chance.integer(startMs), () => part.start())
    }
  }

  async #pass(ms: number, what: string): Promise<void> {
    if (this.found.length > 0) return
    const { world } = this
    world.trace.add("world", what)
    for (let left = ms; left > 0 && this.found.length === 0; left -= stepMs) {
      await world.clock.advance(Math.min(stepMs, left))
      this.#look()
      this.#onProgress(world.now)
    }
  }

  #look(): void {
    const { world, mesh } = this
    for (const { name: invariant, look } of this.#invariants) {
      const faults = [...look({ world, mesh, phase: this.#phase })]
      this.#note(faults.map((fault) => ({ ...fault, invariant })))
    }
  }

  #note(violations: Iterable<Violation>): void {
    for (const violation of violations) {
      const { invariant, connection, hop, text } = violation
      this.found.push({ ...violation, at: this.world.now })
      this.world.trace.add("VIOLATION", `${invariant}: ${connection} at ${hop}: ${text}`)
    }
  }
}
