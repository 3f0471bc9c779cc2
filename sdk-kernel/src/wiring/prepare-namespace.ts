import { readFileSync, writeFileSync } from "node:fs"
import { type Inode, inodeUrl } from "../namespace/namespace-url.ts"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"

/** How a namespace stands before an interface comes into it. */
export interface Prepared {
  /** Whether new interfaces get IPv6. Taken to be so until it is looked up. */
  readonly hasIpv6: boolean
}

const root = "/proc/sys/net"

/**
 * Lets everybody in a namespace send echo requests, once until the namespace is forgotten, and knows
 * how it stands. The files of /proc/sys take their time, the more the more namespaces there are.
 */
export class Preparations {
  readonly #prepared = new Map<string, Prepared>()

  of(namespace: NetworkNamespace): Prepared {
    const known = this.#prepared.get(inodeUrl(namespace.inode))
    if (known) return known
    // a courtesy that not every machine allows: /proc may be read-only, group ids unmapped
    namespace.run(() => write("ipv4/ping_group_range", "0 2147483647"))
    return this.#note(namespace, { hasIpv6: true })
  }

  /** Looks up how a namespace stands. */
  lookUp(namespace: NetworkNamespace): Prepared {
    const setting = namespace.run(() => read("ipv6/conf/default/disable_ipv6"))
    return this.#note(namespace, { hasIpv6: setting === "0" })
  }

  /** Prepares a namespace anew when it is met again. */
  forget(namespace: Inode): void {
    this.#prepared.delete(inodeUrl(namespace))
  }

  #note(namespace: NetworkNamespace, prepared: Prepared): Prepared {
    this.#prepared.set(inodeUrl(namespace.inode), prepared)
    return prepared
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
