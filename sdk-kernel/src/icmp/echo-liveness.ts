import { isIPv6 } from "node:net"
import { type Connection, MechanismType } from "@nsm/api"
import { type Liveness, NsmError, type Random } from "@nsm/sdk"
import { openNamespace } from "../namespace/open-namespace.ts"
import { echo } from "./echo.ts"
import { EchoSocket } from "./echo-socket.ts"

/** From where wires are looked at. */
export interface EchoLivenessOptions {
  /** The workload's namespace, as `file:///path`. */
  readonly namespaceUrl: string
  /** How long a look takes at most; about half as long where the connection is known to be lost. @default 1000 */
  readonly timeoutMs?: number
  readonly random: Random
}

/** How many requests go out within the time for an answer: one may be lost, and some later. */
const count = 4

/**
 * Tells whether a kernel wire carries packets: by ICMP echo from inside the workload's namespace, to
 * every address of the endpoint from every one of the client's of that family. One answer each is
 * enough. A wire without addresses, or over another mechanism, counts as alive.
 */
export function echoLiveness({
  namespaceUrl,
  timeoutMs = 1000,
  random,
}: EchoLivenessOptions): Liveness {
  return async (connection, { clock, signal, isSuspect }) => {
    if (connection.mechanism?.type !== MechanismType.KERNEL) return true
    using namespace = openNamespace(namespaceUrl)
    const replyMs = timeoutMs / count
    // Sooner after each other; the way there and back stays as long.
    const intervalMs = isSuspect ? replyMs / 2 : replyMs
    const options = { namespace, count, enough: 1, intervalMs, timeoutMs: replyMs }
    const isAnswered = async (pair: AddressPair): Promise<boolean> => {
      try {
        const { received } = await echo({ ...options, ...pair, clock, random, signal })
        return received > 0
      } catch (failure) {
        // Such as for a source address that is gone with its interface.
        if (NsmError.from(failure).reason === "KERNEL_REFUSED") return false
        throw failure
      }
    }
    const answers = await Promise.all(pairsOf(connection).map(isAnswered))
    return answers.every(Boolean)
  }
}

/** Fails with PRIVILEGE_MISSING where no echo can be sent from a namespace. */
export function checkEcho(namespaceUrl: string): void {
  using namespace = openNamespace(namespaceUrl)
  const open = (): EchoSocket => EchoSocket.open("127.0.0.1", undefined, "look at wires by echo")
  namespace.run(open)[Symbol.dispose]()
}

interface AddressPair {
  readonly source: string
  readonly destination: string
}

function pairsOf({ context }: Connection): readonly AddressPair[] {
  const hosts = (addresses: readonly string[] = []): readonly string[] =>
    addresses.map((address) => address.split("/")[0] ?? "")
  const { srcIpAddrs, dstIpAddrs } = context?.ipContext ?? {}
  return hosts(srcIpAddrs).flatMap((source) =>
    hosts(dstIpAddrs)
      .filter((destination) => isIPv6(source) === isIPv6(destination))
      .map((destination) => ({ source, destination })),
  )
}
