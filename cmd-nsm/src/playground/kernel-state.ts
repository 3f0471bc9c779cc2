import { Links, type NetworkNamespace } from "@nsm/sdk-kernel"

/** What the kernel holds in one network namespace. */
export interface NamespaceState {
  readonly name: string
  /** Inode of the namespace, unique on the machine while it exists. */
  readonly inode: number
  readonly interfaces: readonly string[]
}

/** Lists every interface in the playground's namespaces. */
export function kernelState(namespaces: ReadonlyMap<string, NetworkNamespace>): NamespaceState[] {
  return [...namespaces].map(([name, namespace]) => ({
    name,
    inode: namespace.inode.ino,
    interfaces: new Links(namespace).list().map((link) => link.name),
  }))
}
