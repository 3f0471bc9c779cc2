import { readFileSync, writeFileSync } from "node:fs"
import { type Inode, inodeUrl } from "../namespace/namespace-url.ts"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"

const root = "/proc/sys/net"

/**
 * Knows in which namespaces new interfaces have no IPv6. Taken not to be so until it is looked up, for
 * the files of /proc/sys take their time, the more the more namespaces there are.
 */
export class Ipv6Switches {
  readonly #off = new Set<string>()

  isOff(namespace: NetworkNamespace): boolean {
    return this.#off.has(inodeUrl(namespace.inode))
  }

  /** Looks up how a namespace stands. */
  lookUp(namespace: NetworkNamespace): void {
    const setting = namespace.run(() => read("ipv6/conf/default/disable_ipv6"))
    if (setting !== "0") this.#off.add(inodeUrl(namespace.inode))
  }

  /** Looks again when the namespace is met again. */
  forget(namespace: Inode): void {
    this.#off.delete(inodeUrl(namespace))
  }
}

/** Switches IPv6 on for one interface, where it is off for new ones. */
export function enableIpv6(namespace: NetworkNamespace, name: string): void {
  namespace.run(() => write(`ipv6/conf/${name}/disable_ipv6`, "0"))
}

function read(setting: string): string | undefined {
  try {
    return readFileSync(`${root}/${setting}`, "utf8").trim()
  } catch {
    return undefined
  }
}

function write(setting: string, value: string): void {
  try {
    writeFileSync(`${root}/${setting}`, value)
  } catch {
    // what then does not work says so itself: adding an IPv6 address fails with its own reason
  }
}
