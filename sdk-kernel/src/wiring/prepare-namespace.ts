import { readFileSync, writeFileSync } from "node:fs"
import { type Inode, inodeUrl } from "../namespace/namespace-url.ts"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"

/** How a namespace stands before an interface comes into it. */
export interface Prepared {
  /** Whether new interfaces get IPv6. */
  readonly hasIpv6: boolean
}

const root = "/proc/sys/net"

/** Prepares namespaces, each once until it is forgotten: files of /proc/sys take their time. */
export class Preparations {
  readonly #prepared = new Map<string, Prepared>()

  of(namespace: NetworkNamespace): Prepared {
    const key = inodeUrl(namespace.inode)
    const prepared = this.#prepared.get(key) ?? prepareNamespace(namespace)
    this.#prepared.set(key, prepared)
    return prepared
  }

  /** Prepares a namespace anew when it is met again. */
  forget(namespace: Inode): void {
    this.#prepared.delete(inodeUrl(namespace))
  }
}

/** Lets everybody in a namespace send echo requests, and sees how it stands. */
function prepareNamespace(namespace: NetworkNamespace): Prepared {
  return namespace.run(() => {
    // a courtesy that not every machine allows: /proc may be read-only, group ids unmapped
    write("ipv4/ping_group_range", "0 2147483647")
    return { hasIpv6: read("ipv6/conf/default/disable_ipv6") === "0" }
  })
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
