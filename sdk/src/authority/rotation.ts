import { type Issuer, toleranceMs } from "./issuer.ts"

// A root lives in three stretches: it is published until a sixth of its life, so that all know it when
// it begins to sign; it signs until its successor, made at half of its life, begins to; then it waits
// for what it signed to end.

/** When an issuer begins to sign, if there is another one until then. */
export function signsFrom(issuer: Issuer): number {
  return from(issuer) + lifetime(issuer) / 6
}

/** When the successor of an issuer is made. */
export function successorDueAt(issuer: Issuer): number {
  return from(issuer) + lifetime(issuer) / 2
}

/** Until when what an issuer signed is believed. */
export function endOf({ certificate, root }: Issuer): number {
  return Math.min(certificate.validToDate.getTime(), root.validToDate.getTime())
}

/** Whether its root is another authority's, which signed it. */
export function isShared({ certificate, root }: Issuer): boolean {
  return certificate !== root
}

/**
 * The one that signs now. Below a shared root, the newest; else the newest that all know by now, or
 * the oldest. None when all have ended.
 */
export function signerAt(issuers: readonly Issuer[], now: number): Issuer | undefined {
  const counting = issuers.some(isShared) ? issuers.filter(isShared) : issuers
  const living = counting
    .filter((issuer) => endOf(issuer) > now)
    .toSorted((one, other) => from(one) - from(other))
  if (counting !== issuers) return living.at(-1)
  return living.findLast((issuer) => signsFrom(issuer) <= now) ?? living[0]
}

/** The one that was made last. */
export function newest(issuers: readonly Issuer[]): Issuer | undefined {
  return issuers.toSorted((one, other) => from(one) - from(other)).at(-1)
}

function from({ certificate }: Issuer): number {
  return certificate.validFromDate.getTime() + toleranceMs
}

function lifetime(issuer: Issuer): number {
  return endOf(issuer) - from(issuer)
}
