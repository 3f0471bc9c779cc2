/** Labels of clients, endpoints and forwarders that have a meaning to the mesh itself. */
export const Label = {
  /** Name of the node; set from `NODE_NAME` by the process, or by its node's manager. */
  nodeName: "nodeName",
  /** Name of the pod; set from `POD_NAME`. */
  podName: "podName",
  /** Name of the cluster; set from `CLUSTER_NAME`, overwritten on the way to another domain. */
  clusterName: "clusterName",
  /** The wanted kind of SR-IOV device, `service.domain/capability`. */
  sriovToken: "sriovToken",
  /** The `service.domain` of that token; takes the token's place in what the client sends. */
  serviceDomain: "serviceDomain",
  /** `true` on forwarders that join two wires; wanted by a match that has no metadata. */
  p2p: "p2p",
} as const

/** One of these labels. */
export type Label = (typeof Label)[keyof typeof Label]
