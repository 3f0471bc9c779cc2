import type { Topology } from "./topology.ts"

/** What `nsm demo` shows: two nodes, an endpoint on one, a client on each. */
export const demoTopology: Topology = {
  name: "demo",
  underlay: { ipv4: "10.200.0.0/24", ipv6: "fd00:200::/64", mtu: 1500 },
  selection: { locality: [], race: false },
  nodes: [{ name: "node-1" }, { name: "node-2" }],
  services: [],
  endpoints: [
    {
      name: "nse-1",
      node: "node-1",
      services: ["icmp-responder"],
      cidrs: ["172.16.0.0/24", "fd00:172:16::/64"],
      labels: {},
      payload: "ETHERNET",
    },
  ],
  passthroughs: [],
  clients: [
    { name: "nsc-1", node: "node-1", services: ["kernel://icmp-responder/nsm-1"] },
    { name: "nsc-2", node: "node-2", services: ["kernel://icmp-responder/nsm-1"] },
  ],
}
