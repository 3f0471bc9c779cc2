// namespaces
export { checkNamespaces } from "./namespace/check-namespaces.ts"
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
export { stripInterface } from "./interfaces/strip-interface.ts"
export { createVethPair, type VethEnd } from "./interfaces/veth-pair.ts"
export { createVxlan, type VxlanOptions } from "./interfaces/vxlan.ts"

// open files that go along with calls over unix sockets
export {
  descriptorSockets,
  type DescriptorSocketsOptions,
} from "./descriptors/descriptor-sockets.ts"
export { receiveFiles, type ReceiveFilesOptions } from "./networkservice/receive-files.ts"
export { sendFiles, type SendFilesOptions } from "./networkservice/send-files.ts"
export { answerEndpointFiles } from "./registry/answer-endpoint-files.ts"
export { receiveEndpointFiles } from "./registry/receive-endpoint-files.ts"
export { sendEndpointFiles, type SendEndpointFilesOptions } from "./registry/send-endpoint-files.ts"

// several changes that stand or fall together
export { transaction, type Undo } from "./transaction.ts"

// what a namespace has, noun by noun
export type { Address } from "./links/address.ts"
export { Addresses } from "./links/addresses.ts"
export type { Link } from "./links/link.ts"
export { linkEvents, type LinkEvent, type LinkEventsOptions } from "./links/link-events.ts"
export type { LinkBirth, LinkChanges, LinkId, NamedLink } from "./links/link-requests.ts"
export type { LinkStatistics } from "./links/link-statistics.ts"
export { Links } from "./links/links.ts"
export type { KnownNeighbour, Neighbour } from "./links/neighbour.ts"
export { Neighbours } from "./links/neighbours.ts"
export type { InstalledRoute, Route } from "./links/route.ts"
export { Routes } from "./links/routes.ts"
export type { VxlanTunnel } from "./links/vxlan.ts"

// who is at the other end of a unix socket
export { peerCredentials } from "./credentials/peer-credentials.ts"
export { witnessed } from "./credentials/witnessed.ts"

// reachability
export { checkEcho, echoLiveness, type EchoLivenessOptions } from "./icmp/echo-liveness.ts"
export { echo, type EchoOptions } from "./icmp/echo.ts"
export type { EchoResult } from "./icmp/echo-round.ts"
export { EchoSocket } from "./icmp/echo-socket.ts"

// wires: what a connection has in the kernel
export { findTunnelAddress, type TunnelAddress } from "./wiring/tunnel-address.ts"
export { plan, type PlanSources } from "./wiring/plan.ts"
export type { Side, Tunnel, Wire, WireEnd } from "./wiring/wire.ts"
export type { LostEnd } from "./wiring/wire-check.ts"
export { serveWireThread } from "./wiring/serve-wire-thread.ts"
export { Wiring, type WiringEvent, type WiringOptions } from "./wiring/wiring.ts"

// what the kernel holds of them, compared with what connections own
export type { Audit, AuditedOrphan, AuditedWire } from "./wiring/audit.ts"
export type { Owner } from "./wiring/owner.ts"
export { Presence, type PresenceOptions } from "./wiring/presence.ts"
export {
  Reconcile,
  type ReconcileDeps,
  type ReconciledWires,
  type ReconcileOptions,
} from "./wiring/reconcile.ts"

// the forwarder's elements and its chain
export {
  crossConnect,
  type WiredNamespace,
  wiredNamespaces,
  type Wires,
} from "./networkservice/cross-connect.ts"
export { distinctVni, type DistinctVniOptions } from "./networkservice/distinct-vni.ts"
export { type FoundInterface, type Interfaces, kernel } from "./networkservice/kernel.ts"
export {
  lostWires,
  type LostWiresDeps,
  type LostWiresOptions,
} from "./networkservice/lost-wires.ts"
export {
  namespaceWatch,
  type NamespaceWatchDeps,
  type NamespaceWatchOptions,
} from "./networkservice/namespace-watch.ts"
export {
  forwarder,
  type ForwarderDeps,
  type ForwarderOptions,
  type ForwarderWiring,
} from "./networkservice/chains/forwarder.ts"
