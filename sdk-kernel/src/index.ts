// namespaces
export { createNamespace, ownNamespace } from "./namespace/create-namespace.ts"
export { NetworkNamespace } from "./namespace/network-namespace.ts"
export { NamespaceFinder } from "./namespace/namespace-finder.ts"
export { inodeUrl, isSameInode, type Inode } from "./namespace/namespace-url.ts"
export {
  namespaceExists,
  namespaceOfPid,
  openNamespace,
  type NamespaceOptions,
} from "./namespace/open-namespace.ts"

// interfaces with all that belongs to them, made in few messages
export { configureInterface } from "./interfaces/configure-interface.ts"
export { deleteInterface } from "./interfaces/delete-interface.ts"
export type { InterfaceSetup } from "./interfaces/interface-setup.ts"
export { createVethPair, type VethEnd } from "./interfaces/veth-pair.ts"
export { createVxlan, type VxlanOptions } from "./interfaces/vxlan.ts"

// several changes that stand or fall together
export { transaction, type Undo } from "./transaction.ts"

// the state of a namespace, thing by thing
export { Links } from "./links/links.ts"
export type { Link } from "./links/link.ts"
export { checkLinkName, longestLinkName } from "./links/link-name.ts"
export type { LinkBirth, LinkChanges, LinkId } from "./links/link-requests.ts"
export type { LinkStatistics } from "./links/link-statistics.ts"
export type { Neighbour } from "./links/neighbour.ts"
export type { Route } from "./links/route.ts"
export type { VxlanTunnel } from "./links/vxlan.ts"
