import type { Connection } from "@nsm/api"
import {
  type Call,
  connectionKey,
  element,
  type Element,
  type NetworkService,
  NsmError,
  orClose,
  outgoingMechanism,
} from "@nsm/sdk"
import type { Inode } from "../namespace/namespace-url.ts"
import { plan } from "../wiring/plan.ts"
import type { Wire } from "../wiring/wire.ts"

/** A namespace that a wire ends in: where it was found, and which one it was. */
export interface WiredNamespace {
  readonly url: string
  readonly inode: Inode
}

/** Makes wires, each under the id of its connection. */
export interface Wires {
  /** Makes a wire, or changes the one that stands. Leaves things as they were when it fails. */
  apply(id: string, wire: Wire): Promise<readonly WiredNamespace[]>
  /** Removes a wire. Harmless when there is none. */
  remove(id: string): Promise<void>
}

/** Where the ends of a connection's wire are. Set by `crossConnect` when the wire stands. */
export const wiredNamespaces = connectionKey<readonly WiredNamespace[]>("wired-namespaces")

/**
 * Joins the two mechanisms of a connection by a wire in the kernel.
 *
 *     client [ server-<id> ]----- veth, or VXLAN to the next node -----[ client-<id> ] endpoint
 *
 * Placement: between `mechanisms`, which settles the caller's side, and `mechanismTranslation`,
 * which settles the next hop's.
 */
export function crossConnect({ wires }: { wires: Wires }): Element<NetworkService> {
  return element("cross-connect", (next) => ({
    async request(request, call) {
      const granted = await next.request(request, call)
      return await orClose(next, call, async (connection) => {
        // nobody waits for it any more: a wire made now would only have to be found and removed
        call.signal.throwIfAborted()
        wiredNamespaces.set(call, await wires.apply(connection.id, wireOf(connection, call)))
        return connection
      })(granted)
    },
    async close(connection, call) {
      // side by side: the kernel takes its time, and neither needs the other
      await bothEnd(wires.remove(connection.id), next.close(connection, call))
    },
  }))
}

function wireOf(connection: Connection, call: Call): Wire {
  const incoming = connection.mechanism
  const outgoing = outgoingMechanism.get(call)
  if (incoming && outgoing) return plan({ connection, incoming, outgoing })
  throw new NsmError(
    "MECHANISM_UNSUPPORTED",
    `the ${incoming ? "next hop" : "caller"} chose no mechanism, so there is nothing to join`,
  )
}

async function bothEnd(...work: readonly Promise<void>[]): Promise<void> {
  const ended = await Promise.allSettled(work)
  const failures = ended.flatMap((end) =>
    end.status === "rejected" ? [NsmError.from(end.reason)] : [],
  )
  const [first, second] = failures
  if (second) throw new SuppressedError(second, first, "the close of the next hop failed too")
  if (first) throw first
}
