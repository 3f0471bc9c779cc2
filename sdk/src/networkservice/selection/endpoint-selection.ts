import type { Clock } from "../../core/clock.ts"
import type { NsmError } from "../../core/errors.ts"
import { ExpiringMap } from "../../tools/expiring-map.ts"
import { noKnowledge, type Turns } from "./knowledge.ts"
import { Outliers } from "./outliers.ts"
import { isOwnFault } from "./own-fault.ts"
import { RetryBudget } from "./retry-budget.ts"
import type { Ruled } from "./rules.ts"
import { arrange, type Candidate, type Selection, turnsAfter } from "./select.ts"
import { type SelectionState, writeState } from "./selection-state.ts"

/** How a forwarder chooses. */
export interface EndpointSelectionOptions {
  readonly clock: Clock
  /** Labels that make an endpoint near to a client when both have the same value, nearest first. @default none */
  readonly locality?: readonly string[]
  /** Is told what happens, for metrics. @default nobody is */
  readonly onEvent?: (event: SelectionEvent) => void
}

/** What happens when endpoints are chosen. */
export type SelectionEvent =
  | { readonly kind: "chosen"; readonly service: string; readonly isSpilled: boolean }
  | { readonly kind: "ejected"; readonly service: string }
  | { readonly kind: "retry"; readonly isAllowed: boolean }

/** How an endpoint answered. */
export interface Experience {
  readonly selection: Selection
  readonly candidate: Candidate
  /** Why it failed; undefined where it did not. */
  readonly failure?: NsmError
  readonly tookMs: number
}

/** For a service that nobody asks for that long, turns begin anew. */
const idleMs = 3_600_000

/**
 * What a forwarder knows of endpoints, and learns from every request: whose turn it is, who keeps
 * failing, and how much may be tried again.
 */
export class EndpointSelection {
  readonly #clock: Clock
  readonly #locality: readonly string[]
  readonly #onEvent: (event: SelectionEvent) => void
  readonly #turns: ExpiringMap<{ readonly service: string; readonly turns: Turns }>
  readonly #outliers: Outliers
  readonly #budget: RetryBudget

  constructor({ clock, locality = [], onEvent = () => {} }: EndpointSelectionOptions) {
    this.#clock = clock
    this.#locality = locality
    this.#onEvent = onEvent
    this.#turns = new ExpiringMap(clock)
    this.#outliers = new Outliers({ clock })
    this.#budget = new RetryBudget({ clock })
  }

  /** Chooses for a request; `former` are the endpoints that its connection had. It is their turn then. */
  choose(ruled: Ruled, former: ReadonlySet<string>): Selection {
    const service = ruled.service.name
    const turns = this.#turnsOf(service)
    const ejected = this.#outliers.ejected(service)
    const selection = arrange(ruled, { locality: this.#locality, ejected, former, turns })
    this.#keep(service, selection.turns)
    this.#budget.request()
    const isSpilled = (selection.order[0]?.level ?? 0) > 0
    this.#onEvent({ kind: "chosen", service, isSpilled })
    return selection
  }

  /** Learns from how an endpoint answered. */
  learn({ selection, candidate, failure, tookMs }: Experience): void {
    const { service, endpoints } = selection.ruled
    const { endpoint } = candidate
    if (!failure) {
      this.#outliers.succeeded(service.name, endpoint)
      this.#keep(service.name, turnsAfter(selection, candidate, this.#turnsOf(service.name)))
    } else if (isOwnFault(failure, tookMs)) {
      const isEjected = this.#outliers.failed(service.name, endpoint, endpoints)
      if (isEjected) this.#onEvent({ kind: "ejected", service: service.name })
    }
  }

  /** Whether a further candidate may be tried after one that failed; a retry is taken then. */
  mayRetry(): boolean {
    const isAllowed = this.#budget.take()
    this.#onEvent({ kind: "retry", isAllowed })
    return isAllowed
  }

  /** All that it knows, for people and programs to look at. */
  get state(): SelectionState {
    return writeState({
      locality: this.#locality,
      now: this.#clock.now(),
      outliers: this.#outliers.all,
      retryBudget: this.#budget.state,
      turns: this.#turns.values(),
    })
  }

  #turnsOf(service: string): Turns {
    return this.#turns.get(service)?.turns ?? noKnowledge.turns
  }

  #keep(service: string, turns: Turns): void {
    this.#turns.set(service, { service, turns }, this.#clock.now() + idleMs)
  }
}
