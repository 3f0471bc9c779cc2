import { type Clock, NsmError, sleep, systemClock } from "@nsm/sdk"
import { isHere, wayTo } from "../links/local-address.ts"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"

/** How long is waited. */
export interface AddressesInUseOptions {
  /** @default systemClock */
  readonly clock?: Clock
  /** @default 5000 */
  readonly timeoutMs?: number
}

const longestPauseMs = 32

/**
 * Waits until a namespace answers at the IPv6 addresses that it was given. The kernel grants them at
 * once, but begins to listen only when a worker of its own comes to it, which can take long on a
 * busy machine.
 */
export async function addressesInUse(
  namespace: NetworkNamespace,
  addresses: readonly string[] = [],
  { clock = systemClock, timeoutMs = 5000 }: AddressesInUseOptions = {},
): Promise<void> {
  let missing = addresses.filter((address) => address.includes(":"))
  const until = clock.now() + timeoutMs
  for (let pauseMs = 1; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    const answers = missing.length > 0 ? namespace.netlink.request(missing.map(wayTo)) : []
    missing = missing.filter((_, at) => !isHere(answers[at] ?? []))
    if (missing.length === 0) return
    if (clock.now() >= until) {
      throw new NsmError(
        "KERNEL_REFUSED",
        `${namespace.origin} does not answer at ${missing.join(", ")} after ${timeoutMs} ms`,
      )
    }
    await sleep(clock, pauseMs)
  }
}
