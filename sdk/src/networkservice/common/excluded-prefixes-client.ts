import type { Connection, IPContext, NetworkServiceRequest } from "@nsm/api"
import { withRenewedCall } from "../../core/call.ts"
import { element, type Element } from "../../core/chain.ts"
import { NsmError } from "../../core/errors.ts"
import { formatPrefix, parsePrefix, widthOf } from "../../tools/prefix.ts"
import { connectionOf, ipContextOf, withIpContext } from "../connection.ts"
import type { NetworkService } from "../service.ts"
import { established } from "./begin/established.ts"

/** Which of a client's connections may share addresses. */
export interface ExcludedPrefixesClientOptions {
  /** Whether two connections know of each other's addresses and may overlap. @default none do */
  readonly areAware?: (a: Connection, b: Connection) => boolean
}

/** Requests beside this one may be granted the same address meanwhile; then it is asked again. */
const mostRounds = 3

/**
 * Excludes the addresses and routes of the client's other connections, and gives a connection back
 * whose addresses another one has.
 *
 * Placement: in a client that has several connections, after `begin`.
 */
export function excludedPrefixesClient({
  areAware = () => false,
}: ExcludedPrefixesClientOptions = {}): Element<NetworkService> {
  const granted = new Map<string, Connection>()
  const usedBeside = (connection: Connection): string[] =>
    [...granted.values()]
      .filter((other) => other.id !== connection.id && !areAware(connection, other))
      .flatMap((other) => prefixesOf(ipContextOf(other)))
  return element("excluded-prefixes-client", (next) => ({
    async request(request, call) {
      const connection = connectionOf(request)
      for (let round = 1; ; round++) {
        const excluded = excludedFor(connection, usedBeside(connection))
        const answer = await next.request(excluding(request, excluded), call)
        const ignored = conflictOf(answer, excluded)
        const conflict = ignored ?? conflictOf(answer, usedBeside(connection))
        if (conflict === undefined) {
          granted.set(answer.id, answer)
          return answer
        }
        if (!call.get(established))
          await withRenewedCall(call, (later) => next.close(answer, later))
        if (call.get(established) || ignored !== undefined || round === mostRounds) {
          throw new NsmError(
            "ADDRESS_EXCLUDED",
            `network service ${answer.networkService} granted ${conflict}, which the client excludes or already uses`,
          )
        }
      }
    },
    async close(connection, call) {
      granted.delete(connection.id)
      await next.close(connection, call)
    },
  }))
}

/** What a connection uses. A default route would exclude every address there is. */
function prefixesOf({ srcIpAddrs, dstIpAddrs, srcRoutes, dstRoutes }: IPContext): string[] {
  const routes = [...srcRoutes, ...dstRoutes].map(({ prefix }) => prefix)
  return [...srcIpAddrs, ...dstIpAddrs, ...routes.filter((route) => !route.endsWith("/0"))]
}

/** A refresh must not exclude what the connection itself has. */
function excludedFor(connection: Connection, used: readonly string[]): string[] {
  const ip = ipContextOf(connection)
  const own = new Set(prefixesOf(ip))
  return [...new Set([...ip.excludedPrefixes, ...used])].filter((prefix) => !own.has(prefix))
}

function excluding(request: NetworkServiceRequest, prefixes: string[]): NetworkServiceRequest {
  const connection = withIpContext(connectionOf(request), { excludedPrefixes: prefixes })
  return { ...request, connection }
}

/** An address of the answer that is itself excluded, not only by a larger prefix. */
function conflictOf({ context }: Connection, excluded: readonly string[]): string | undefined {
  const hosts = new Set(excluded.flatMap((text) => hostOf(text) ?? []))
  const addresses = [
    ...(context?.ipContext?.srcIpAddrs ?? []),
    ...(context?.ipContext?.dstIpAddrs ?? []),
  ]
  return addresses.find((address) => hosts.has(hostOf(address.split("/")[0] ?? "") ?? ""))
}

/** Canonical text of a single address; undefined for anything else. */
function hostOf(text: string): string | undefined {
  const prefix = parsePrefix(text)
  return prefix && prefix.length === widthOf(prefix.family) ? formatPrefix(prefix) : undefined
}
