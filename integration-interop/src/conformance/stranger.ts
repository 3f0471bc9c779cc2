import { parseSpiffeId } from "@nsm/sdk"
import { createAuthority } from "@nsm/sdk/authority"
import { type Credentials, credentialsOf } from "./credentials.ts"

/** An identity that names the same trust domain, under a root that nobody believes. */
export async function strangerTo({ id }: Pick<Credentials, "id">): Promise<Credentials> {
  const { trustDomain } = parseSpiffeId(id)
  using authority = await createAuthority({ trustDomain })
  const svid = await authority.issue(`spiffe://${trustDomain}/stranger`)
  return credentialsOf({ svid, bundles: new Map([[trustDomain, authority.bundle]]) })
}
