/** Issues identities. Apart from the rest, because only the authority needs a maker of certificates. */

export { type Authority, type AuthorityOptions, createAuthority } from "./authority.ts"
export { type CertificateContents, makeCertificate, type Signer } from "./certificate.ts"
export { type Issuer, type IssueOptions, issueSvid, makeRoot, newKey } from "./issuer.ts"
export { type Attestor, type JoinedDomains, workloads, type WorkloadsOptions } from "./workloads.ts"
export { bundleDocument, bundlePem, readBundle } from "./bundle-document.ts"
export { followJoined, type FollowJoinedOptions } from "./follow-joined.ts"
export { type AuthorityState, openState, readState, type StateOptions } from "./state.ts"
export { spiffeHeader } from "./spiffe-header.ts"
export {
  readIntermediate,
  requestIntermediate,
  type SharedRootOptions,
  signIntermediate,
  type SignIntermediateOptions,
} from "./shared-root.ts"
