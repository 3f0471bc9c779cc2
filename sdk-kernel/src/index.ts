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

// what the kernel says about links
export type { Link, LinkStatistics } from "./links/link.ts"
export type { Neighbour } from "./links/neighbour.ts"
export type { Route } from "./links/route.ts"
