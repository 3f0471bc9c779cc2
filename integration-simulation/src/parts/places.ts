/** The host of the registry, which is no node. */
export const registryHost = "registry"

/** Where the registry listens. */
export const registryUrl = `tcp://${registryHost}:5002`

/** Where the manager of a node listens for others. */
export function publicUrl(node: string): string {
  return `tcp://${node}:5001`
}

/** Where a process of a node listens for its own node. */
export function socketUrl(node: string, name: string): string {
  return `unix:///${node}/${name}.sock`
}

/** The socket of a node's manager. */
export function managerUrl(node: string): string {
  return socketUrl(node, "nsm.io")
}

/** The namespace of a workload. */
export function namespaceUrl(name: string): string {
  return `file:///simulation/ns/${name}`
}
