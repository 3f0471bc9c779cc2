import { layout } from "../ffi/layout.ts"

/** Types of rtnetlink messages (linux/rtnetlink.h). */
export const RTM = {
  NEWLINK: 16,
  DELLINK: 17,
  GETLINK: 18,
  SETLINK: 19,
  NEWADDR: 20,
  DELADDR: 21,
  GETADDR: 22,
  NEWROUTE: 24,
  DELROUTE: 25,
  GETROUTE: 26,
  NEWNEIGH: 28,
  DELNEIGH: 29,
  GETNEIGH: 30,
  NEWNSID: 88,
  GETNSID: 90,
} as const

/** Attributes of links (linux/if_link.h). */
export const IFLA = {
  ADDRESS: 1,
  IFNAME: 3,
  MTU: 4,
  LINK: 5,
  MASTER: 10,
  LINKINFO: 18,
  NET_NS_PID: 19,
  IFALIAS: 20,
  STATS64: 23,
  AF_SPEC: 26,
  NET_NS_FD: 28,
  EXT_MASK: 29,
  NUM_TX_QUEUES: 31,
  NUM_RX_QUEUES: 32,
  LINK_NETNSID: 37,
} as const

/** Attributes inside LINKINFO. */
export const IFLA_INFO = { KIND: 1, DATA: 2 } as const

/** Attributes inside a veth's DATA (linux/veth.h). */
export const VETH_INFO = { PEER: 1 } as const

/** Attributes inside a VXLAN device's DATA. */
export const IFLA_VXLAN = {
  ID: 1,
  GROUP: 2,
  LOCAL: 4,
  LEARNING: 7,
  PORT: 15,
  GROUP6: 16,
  LOCAL6: 17,
} as const

/** Attributes of the numbers that a namespace has for others (linux/net_namespace.h). */
export const NETNSA = { NSID: 1, FD: 3 } as const

/** Attributes of addresses (linux/if_addr.h). */
export const IFA = { ADDRESS: 1, LOCAL: 2, FLAGS: 8 } as const

/** Attributes of routes. */
export const RTA = {
  DST: 1,
  OIF: 4,
  GATEWAY: 5,
  PRIORITY: 6,
  PREFSRC: 7,
  TABLE: 15,
} as const

/** Attributes of neighbours (linux/neighbour.h). */
export const NDA = { DST: 1, LLADDR: 2, IFINDEX: 8 } as const

/** Begins messages about links. */
export const ifinfomsg = layout("ifinfomsg", {
  family: "u8",
  padding: "u8",
  type: "u16",
  index: "i32",
  flags: "u32",
  change: "u32",
})

/** Begins messages about addresses. */
export const ifaddrmsg = layout("ifaddrmsg", {
  family: "u8",
  prefixLength: "u8",
  flags: "u8",
  scope: "u8",
  index: "u32",
})

/** Begins messages about routes. */
export const rtmsg = layout("rtmsg", {
  family: "u8",
  destinationLength: "u8",
  sourceLength: "u8",
  tos: "u8",
  table: "u8",
  protocol: "u8",
  scope: "u8",
  type: "u8",
  flags: "u32",
})

/** Begins messages about neighbours. */
export const ndmsg = layout("ndmsg", {
  family: "u8",
  padding1: "u8",
  padding2: "u16",
  index: "i32",
  state: "u16",
  flags: "u8",
  type: "u8",
})

/** Begins messages that are about no family in particular, filled up to where attributes begin. */
export const rtgenmsg = layout("rtgenmsg", { family: "u8", padding1: "u8", padding2: "u16" })
