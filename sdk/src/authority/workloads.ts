import type { Call } from "../core/call.ts"
import { type Clock, systemClock } from "../core/clock.ts"
import type { TrustBundles, X509Svid } from "../identity/identity.ts"
import { encodeBundles, encodeIdentity } from "../identity/svid-message.ts"
import type { WorkloadService } from "../identity/workload-service.ts"
import type { Authority } from "./authority.ts"

/** Finds out who calls. */
export interface Attestor {
  /** The caller's SPIFFE id. Fails with PERMISSION_DENIED when that cannot be told. */
  idOf(call: Call): string | Promise<string>
  /** Calls `listener` when its answers may have changed, until it is disposed. */
  onChange(listener: () => void): Disposable
}

/** Trust domains that this one is joined with. */
export interface JoinedDomains {
  readonly bundles: TrustBundles
  /** Calls `listener` when they have changed, until it is disposed. */
  onChange(listener: () => void): Disposable
}

/** What the Workload API is served from. */
export interface WorkloadsOptions {
  readonly authority: Authority
  readonly attestor: Attestor
  /** @default none */
  readonly joined?: JoinedDomains
  /** @default systemClock */
  readonly clock?: Clock
}

/** Serves SPIFFE's Workload API: an identity for each caller, and a new one at half of its life. */
export function workloads({
  authority,
  attestor,
  joined = alone,
  clock = systemClock,
}: WorkloadsOptions): WorkloadService {
  const bundles = (): TrustBundles =>
    new Map([...joined.bundles, [authority.trustDomain, authority.bundle]])
  const changes = (): Changes => new Changes([authority, attestor, joined], clock)
  return {
    async *fetchX509SVID(_request, call) {
      using news = changes()
      let svid: X509Svid | undefined
      let dueAt = 0
      while (!call.signal.aborted) {
        const id = await attestor.idOf(call)
        if (svid?.id !== id || dueAt <= clock.now()) {
          svid = await authority.issue(id)
          dueAt = clock.now() + (svid.expiresAt - clock.now()) / 2
        }
        yield encodeIdentity({ svid, bundles: bundles() })
        await news.next(call.signal, dueAt)
      }
    },
    async *fetchX509Bundles(_request, call) {
      using news = changes()
      while (!call.signal.aborted) {
        await attestor.idOf(call)
        yield encodeBundles(bundles())
        await news.next(call.signal)
      }
    },
  }
}

const alone: JoinedDomains = {
  bundles: new Map(),
  onChange: () => ({ [Symbol.dispose]() {} }),
}

/** Remembers that something has changed, until somebody asks. */
class Changes implements Disposable {
  readonly #clock: Clock
  readonly #listening = new DisposableStack()
  #change = Promise.withResolvers<void>()

  constructor(sources: readonly { onChange(listener: () => void): Disposable }[], clock: Clock) {
    this.#clock = clock
    for (const source of sources) {
      this.#listening.use(source.onChange(() => this.#change.resolve()))
    }
  }

  /** Resolves at the next change, or at that time, or when the signal fires. */
  async next(signal: AbortSignal, at?: number): Promise<void> {
    const change = this.#change
    const resolve = (): void => change.resolve()
    using _timer = at === undefined ? null : this.#clock.schedule(at - this.#clock.now(), resolve)
    signal.addEventListener("abort", resolve, { once: true })
    if (signal.aborted) resolve()
    await change.promise
    signal.removeEventListener("abort", resolve)
    this.#change = Promise.withResolvers()
  }

  [Symbol.dispose](): void {
    this.#listening.dispose()
  }
}
