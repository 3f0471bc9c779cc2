import { writeFileSync } from "node:fs"
import type { NetworkNamespace } from "@nsm/sdk-kernel"

const switches = ["ipv4/icmp_echo_ignore_all", "ipv6/icmp/echo_ignore_all"]

/** Has a network answer no pings any more, as a workload that hangs. */
export function ignoreEchoes(namespace: NetworkNamespace): void {
  namespace.run(() => {
    for (const path of switches) writeFileSync(`/proc/sys/net/${path}`, "1")
  })
}
