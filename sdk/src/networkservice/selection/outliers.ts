import type { NetworkServiceEndpoint } from "@nsm/api"
import type { Clock } from "../../core/clock.ts"
import { ExpiringMap } from "../../tools/expiring-map.ts"
import { type Ejection, isRegisteredSo, mostEjected, registrationOf } from "./knowledge.ts"

/** When endpoints are ejected. */
export interface OutlierOptions {
  readonly clock: Clock
  /** After how many failures in a row, and again after each further one. @default 3 */
  readonly failures?: number
  /** How long at first; each time in a row twice as long. @default 10 s */
  readonly firstMs?: number
  /** How long at most. @default 5 min */
  readonly longestMs?: number
}

/** An endpoint that failed when it was asked last. */
export interface Outlier extends Ejection {
  readonly service: string
  readonly name: string
  /** How many times in a row. */
  readonly failures: number
  /** How long it was ejected the last time. */
  readonly ejectedMs: number
}

/**
 * Remembers which endpoints keep failing, and ejects them for a time: at most half of those of a
 * service. One success forgives everything, and so does a new registration.
 */
export class Outliers {
  readonly #outliers: ExpiringMap<Outlier>
  readonly #clock: Clock
  readonly #failures: number
  readonly #firstMs: number
  readonly #longestMs: number

  constructor({ clock, failures = 3, firstMs = 10_000, longestMs = 300_000 }: OutlierOptions) {
    this.#outliers = new ExpiringMap(clock)
    this.#clock = clock
    this.#failures = failures
    this.#firstMs = firstMs
    this.#longestMs = longestMs
  }

  /** All that failed when they were asked last. */
  get all(): readonly Outlier[] {
    return this.#outliers.values()
  }

  /** Who is ejected now. */
  ejected(service: string): ReadonlyMap<string, Ejection> {
    const now = this.#clock.now()
    const out = this.all.filter((one) => one.service === service && one.until > now)
    return new Map(out.map((one) => [one.name, one]))
  }

  succeeded(service: string, { name }: NetworkServiceEndpoint): void {
    this.#outliers.delete(keyOf(service, name))
  }

  /** Answers whether it is ejected by that. `among` is everybody who provides the service. */
  failed(
    service: string,
    endpoint: NetworkServiceEndpoint,
    among: readonly NetworkServiceEndpoint[],
  ): boolean {
    const { name } = endpoint
    const now = this.#clock.now()
    const { failures, until, ejectedMs, registration } = this.#known(service, endpoint)
    const isDue = failures + 1 >= this.#failures && until <= now
    const others = this.ejected(service)
    const isEjected =
      isDue && among.filter((one) => others.has(one.name)).length < mostEjected(among)
    const nextMs = Math.min(this.#longestMs, ejectedMs === 0 ? this.#firstMs : 2 * ejectedMs)
    const outlier = {
      ...{ service, name, registration, failures: failures + 1 },
      ...(isEjected ? { until: now + nextMs, ejectedMs: nextMs } : { until, ejectedMs }),
    }
    // What was long ago says nothing about now.
    const end = Math.max(now, outlier.until) + this.#longestMs
    this.#outliers.set(keyOf(service, name), outlier, end)
    return isEjected
  }

  #known(service: string, endpoint: NetworkServiceEndpoint): Outlier {
    const { name } = endpoint
    const known = this.#outliers.get(keyOf(service, name))
    if (known && isRegisteredSo(endpoint, known.registration)) return known
    const registration = registrationOf(endpoint)
    return { service, name, registration, failures: 0, until: 0, ejectedMs: 0 }
  }
}

function keyOf(service: string, name: string): string {
  return JSON.stringify([service, name])
}
