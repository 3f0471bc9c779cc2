import { mutualTls, signedTokens } from "@nsm/sdk"
import { type Authority, createAuthority, openState } from "@nsm/sdk/authority"
import { type CertificateFault, fixedIdentity } from "@nsm/sdk/testing"
import type { ClientsOptions } from "../lab/clients.ts"
import type { Lab } from "../lab/lab.ts"

/** What a lab's processes call their trust domain. */
export const trustDomain = "nsm.local"

/** Who connects, as transports and clients take it. */
export type Caller = ClientsOptions["identity"]

/** The lab's authority with its keys, in the hands of one who issues what no authority does. */
export async function stolenAuthority({ authorityDirectory }: Lab): Promise<Authority> {
  const { issuers } = await openState({ directory: authorityDirectory, trustDomain })
  const authority = await createAuthority({ trustDomain, issuers })
  // It turns nothing over; a test forgets it.
  authority[Symbol.dispose]()
  return authority
}

/** Somebody of the trust domain, whose certificate may have a fault. */
export async function forged(authority: Authority, fault?: CertificateFault): Promise<Caller> {
  const id = `spiffe://${trustDomain}/impostor`
  return callerAs(await fixedIdentity({ id, authority, ...(fault && { fault }) }))
}

/** Somebody who believes the lab's authority, but whose own nobody of the lab knows. */
export async function stranger(authority: Authority, id: string): Promise<Caller> {
  return callerAs(await fixedIdentity({ id, joined: [authority] }))
}

function callerAs({ current }: Awaited<ReturnType<typeof fixedIdentity>>): Caller {
  // Whoever cheats does not keep from using what has expired.
  const svid = { ...current.svid, expiresAt: Date.now() + 3_600_000 }
  const source = {
    current: { ...current, svid },
    onChange: () => ({ [Symbol.dispose]() {} }),
  }
  return { connections: { security: mutualTls({ source }), tokens: signedTokens({ source }) } }
}
