import assert from "node:assert/strict"
import {
  Header,
  Label,
  MechanismClass,
  MechanismParameter,
  MechanismPort,
  MechanismType,
  Payload,
} from "./index.ts"

// Peers compare these texts, so a slip of the pen here is a wire that is never built.
const tables: [name: string, actual: Record<string, string | number>, expected: string][] = [
  ["payloads", Payload, "IP ETHERNET"],
  ["mechanism classes", MechanismClass, "LOCAL REMOTE"],
  ["mechanism types", MechanismType, "KERNEL MEMIF VXLAN WIREGUARD IPSEC VLAN VFIO NOOP SRV6"],
  ["mechanism ports", MechanismPort, "4789 51820 4500 500"],
  [
    "mechanism parameters",
    MechanismParameter,
    "src_ip dst_ip src_port dst_port orig_src_ip orig_dst_ip MTU src_public_key dst_public_key" +
      " vni vlan-id name inodeURL netnsInode supportsVlan vlan routeLocalNet" +
      " IPTables4NatTemplate unnumbered socketfile pciAddress tokenID cgroupDir iommuGroup" +
      " vfioMajor vfioMinor deviceMajor deviceMinor" +
      " src_host_ip dst_host_ip src_bsid dst_bsid src_localsid dst_localsid" +
      " src_host_localsid dst_host_localsid src_hw_addr dst_hw_addr",
  ],
  [
    "headers",
    Header,
    "nsm-client-token nsm-client-token-expires path grpctracing traceparent" +
      " grpc-status-details-bin workload.spiffe.io",
  ],
  ["labels", Label, "nodeName podName clusterName sriovToken serviceDomain p2p"],
]

describe("the names on the wire", () => {
  for (const [name, actual, expected] of tables) {
    it(`are what peers compare: ${name}`, () => {
      assert.equal(Object.values(actual).join(" "), expected)
    })
  }
})
