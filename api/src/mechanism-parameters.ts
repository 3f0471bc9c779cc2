/**
 * Keys of `Mechanism.parameters`. All values are text: numbers decimal, addresses without a prefix
 * length, truth values `true` or `false`. "Source" is the side of the link that asks.
 */
export const MechanismParameter = {
  // Tunnels: VXLAN, WIREGUARD, IPSEC
  /** Address of the asking side. */
  srcIp: "src_ip",
  /** Address of the answering side. */
  dstIp: "dst_ip",
  /** UDP port of the asking side. */
  srcPort: "src_port",
  /** UDP port of the answering side. */
  dstPort: "dst_port",
  /** What `src_ip` was before a proxy exchanged it for the outer address; may be empty. */
  origSrcIp: "orig_src_ip",
  /** What `dst_ip` was before a proxy exchanged it for the outer address; may be empty. */
  origDstIp: "orig_dst_ip",
  /** Largest packet in bytes that fits through the tunnel. */
  mtu: "MTU",
  /** Public key of the asking side, base64: 32 bytes (WIREGUARD), a DER certificate (IPSEC). */
  srcPublicKey: "src_public_key",
  /** Public key of the answering side, in the same form. */
  dstPublicKey: "dst_public_key",

  // VXLAN
  /** VXLAN network identifier, 24 bits; the answering side chooses it. */
  vni: "vni",

  // VLAN
  /** VLAN identifier of a remote VLAN, 12 bits. */
  vlanId: "vlan-id",

  // KERNEL
  /** Name of the interface, at most 15 bytes. */
  name: "name",
  /** Network namespace, `file:///path` or `inode://device/inode` on the wire. Also of MEMIF. */
  inodeUrl: "inodeURL",
  /** Inode of the network namespace. Kept for old peers. */
  netnsInode: "netnsInode",
  /** Whether the interface takes tagged frames. */
  supportsVlan: "supportsVlan",
  /** VLAN identifier of the interface, 12 bits; 0 or absent for untagged. */
  vlan: "vlan",
  /** Whether loopback addresses may be routed over the interface. */
  routeLocalNet: "routeLocalNet",
  /** Rules for iptables' nat table, joined by `;`, each a template over name and addresses. */
  ipTables4NatTemplate: "IPTables4NatTemplate",
  /** Whether the interface gets no addresses and routes, being part of a bridge in its namespace. */
  unnumbered: "unnumbered",

  // MEMIF
  /** Abstract socket of the memif, its name after an `@`. */
  socketFile: "socketfile",

  // SR-IOV: KERNEL and VFIO
  /** Address of the virtual function on the PCI bus. */
  pciAddress: "pciAddress",
  /** Token of the device, `sriov-` and a UUID. */
  tokenId: "tokenID",

  // VFIO
  /** Control group directory of the client. */
  cgroupDir: "cgroupDir",
  /** IOMMU group of the device. */
  iommuGroup: "iommuGroup",
  /** Major number of the VFIO control device. */
  vfioMajor: "vfioMajor",
  /** Minor number of the VFIO control device. */
  vfioMinor: "vfioMinor",
  /** Major number of the group's device. */
  deviceMajor: "deviceMajor",
  /** Minor number of the group's device. */
  deviceMinor: "deviceMinor",

  // SRV6
  srcHostIp: "src_host_ip",
  dstHostIp: "dst_host_ip",
  srcBsid: "src_bsid",
  dstBsid: "dst_bsid",
  srcLocalSid: "src_localsid",
  dstLocalSid: "dst_localsid",
  srcHostLocalSid: "src_host_localsid",
  dstHostLocalSid: "dst_host_localsid",
  srcHwAddr: "src_hw_addr",
  dstHwAddr: "dst_hw_addr",
} as const

/** One of the keys. */
export type MechanismParameter = (typeof MechanismParameter)[keyof typeof MechanismParameter]
