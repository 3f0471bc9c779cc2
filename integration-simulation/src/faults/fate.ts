import { churn } from "./churn.ts"
import { crashes } from "./crashes.ts"
import { dataPlaneFaults } from "./data-plane.ts"
import type { Fault, Scene } from "./fault.ts"
import { networkFaults } from "./network.ts"

/** Everything that goes wrong in a simulation. */
export const faults: readonly Fault[] = [...crashes, ...networkFaults, ...dataPlaneFaults, ...churn]

/** Lets faults strike by chance, until it is told to end: then all that lasts is over. */
export class Fate {
  readonly #scene: Scene
  readonly #meanPauseMs: number
  readonly #endings = new Set<() => void>()
  #next: Disposable | undefined
  /** How many have struck, by name. */
  readonly struck = new Map<string, number>()

  constructor(scene: Scene, perMinute: number) {
    this.#scene = scene
    this.#meanPauseMs = 60_000 / perMinute
  }

  begin(): void {
    const { world, random } = this.#scene
    // As rare events come: many short pauses, few long ones.
    const pause = -Math.log((random.integer(1_000_000) + 1) / 1_000_001) * this.#meanPauseMs
    this.#next = world.clock.schedule(Math.round(pause), () => {
      this.#strike()
      this.begin()
    })
  }

  end(): void {
    this.#next?.[Symbol.dispose]()
    for (const ending of this.#endings) ending()
  }

  #strike(): void {
    const { world, random } = this.#scene
    const fault = drawn(random.integer(total))
    const over = fault.strike(this.#scene)
    this.struck.set(fault.name, (this.struck.get(fault.name) ?? 0) + 1)
    if (!over) return
    const timer = world.clock.schedule(20 + random.integer(fault.longestMs), () => ending())
    const ending = (): void => {
      timer[Symbol.dispose]()
      this.#endings.delete(ending)
      over()
    }
    this.#endings.add(ending)
  }
}

const total = faults.reduce((sum, { weight }) => sum + weight, 0)

function drawn(number: number): Fault {
  let left = number
  for (const fault of faults) {
    left -= fault.weight
    if (left < 0) return fault
  }
  throw new RangeError(`no fault has the number ${number}`)
}
