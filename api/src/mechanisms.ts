/** Whether the two ends of a link are on one node; the values of `Mechanism.cls`. */
export const MechanismClass = {
  /** Both ends on one node. */
  LOCAL: "LOCAL",
  /** The ends on different nodes. */
  REMOTE: "REMOTE",
} as const

/** One of the classes. */
export type MechanismClass = (typeof MechanismClass)[keyof typeof MechanismClass]

/** Kinds of link; the values of `Mechanism.type`, compared for equality. */
export const MechanismType = {
  /** A Linux interface in a network namespace. */
  KERNEL: "KERNEL",
  /** Memory shared between two processes. */
  MEMIF: "MEMIF",
  /** Ethernet frames in UDP between nodes. */
  VXLAN: "VXLAN",
  /** IP packets, encrypted, in UDP between nodes. */
  WIREGUARD: "WIREGUARD",
  /** IP packets in IPsec between nodes. */
  IPSEC: "IPSEC",
  /** A tagged part of an Ethernet outside of the mesh. */
  VLAN: "VLAN",
  /** An SR-IOV virtual function handed over whole. There is no type `SRIOV`. */
  VFIO: "VFIO",
  /** Nothing to build: the endpoint already has its device. */
  NOOP: "NOOP",
  /** Segment routing over IPv6; a name without a known implementation. */
  SRV6: "SRV6",
} as const

/** One of the kinds of link. */
export type MechanismType = (typeof MechanismType)[keyof typeof MechanismType]

/** UDP ports that a tunnel uses unless its parameters say otherwise. */
export const MechanismPort = {
  VXLAN: 4789,
  WIREGUARD: 51820,
  IPSEC: 4500,
  /** Key exchange of IPsec, beside its data. */
  IKE: 500,
} as const
