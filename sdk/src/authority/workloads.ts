import type { Call } from "../core/call.ts"
import { type Clock, systemClock } from "../core/clock.ts"
import type { TrustBundles, X509Svid } from "../identity/identity.ts"
import { encodeBundles, encodeIdentity } from "../identity/svid-message.ts"
import type { WorkloadService } from "../identity/workload-service.ts"
import type { Authority } from "./authority.ts"
import { Changes } from "./changes.ts"

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
      let dueAt: number | undefined
      while (!call.signal.aborted) {
        const id = await attestor.idOf(call)
        if (svid?.id !== id || dueAt === undefined) {
          svid = await authority.issue(id)
          dueAt = clock.now() + (svid.expiresAt - clock.now()) / 2
        }
        yield encodeIdentity({ svid, bundles: bundles() })
        if ((await news.next(call.signal, dueAt)) === "due") dueAt = undefined
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
