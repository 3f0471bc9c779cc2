import type { Plan } from "./plan.ts"
import { type Found, Simulation, type SimulationOptions } from "./simulation.ts"

/** What came of a simulation. */
export interface Outcome {
  readonly plan: Plan
  /** What did not hold; nothing when all is well. */
  readonly found: readonly Found[]
  /** What happened, line by line. */
  readonly trace: readonly string[]
  /** How often each fault struck. */
  readonly struck: Readonly<Record<string, number>>
  /** Connections that clients wanted at any time. */
  readonly connections: number
  /** Requests that hops served. */
  readonly requests: number
  /** From the last fault until packets passed through every wire that was wanted. */
  readonly recoveryMs: number
  /** Virtual time that passed. */
  readonly virtualMs: number
}

/** Lives through a plan. */
export async function outcomeOf(plan: Plan, options: SimulationOptions = {}): Promise<Outcome> {
  const simulation = await Simulation.of(plan, options)
  await simulation.run()
  const { world, mesh, fate, found, recovery } = simulation
  return {
    plan,
    found,
    trace: world.trace.lines,
    struck: Object.fromEntries(fate.struck),
    connections: mesh.wires.length,
    requests: [...world.books.requests.values()].reduce((sum, count) => sum + count, 0),
    recoveryMs: recovery.slowestMs,
    virtualMs: world.now,
  }
}
