import {
  type Connection,
  type Mechanism,
  MechanismParameter,
  MechanismType,
  Payload,
} from "@nsm/api"
import { checkInterfaceName, NsmError } from "@nsm/sdk"
import type { Neighbour } from "../links/neighbour.ts"
import { type Address, parseAddress } from "./address.ts"
import { macOf, parseMac } from "./identity.ts"
import { routesOf } from "./routes.ts"
import type { Sides } from "./sides.ts"
import type { Side, WireEnd } from "./wire.ts"

/** Below these the kernel takes the protocol from an interface (RFC 791, section 3.2; RFC 8200, 5). */
const leastMtus = { 4: 68, 6: 1280 } as const
/** What an interface has when nobody says otherwise. */
const defaultMtu = 1500

/** What one end of a wire follows from. */
export interface EndSources {
  readonly side: Side
  readonly connection: Connection
  readonly sides: Sides
  /** The link to the workload at this end. */
  readonly near: Mechanism
  /** The link to the other end. */
  readonly far: Mechanism
}

/** Works out one end of a wire. */
export function endOf(sources: EndSources): WireEnd {
  return isUnnumbered(sources.near) ? unnumberedEnd(sources) : numberedEnd(sources)
}

function isUnnumbered({ parameters }: Mechanism): boolean {
  return parameters[MechanismParameter.unnumbered] === "true"
}

/**
 * An end that its workload joins to another wire by a bridge. The bridge would keep frames that are
 * sent to the hardware address of a port: that of the end beyond must be another.
 */
function unnumberedEnd({ side, connection, sides, near, far }: EndSources): WireEnd {
  const { alias } = sides[side]
  return {
    side,
    ...placeOf(near),
    alias,
    mac: macOf(`${alias}-${connection.id}`),
    mtu: leastMtu(connection, far, []),
    addresses: [],
    routes: [],
    neighbours: [],
  }
}

function numberedEnd(sources: EndSources): WireEnd {
  const { side, connection, sides, near, far } = sources
  const ip = connection.context?.ipContext
  const { alias, mac, addresses: own } = sides[side]
  const { addresses: other } = sides[otherSide(side)]
  const routes =
    side === "client"
      ? routesOf({ own, other, listed: ip?.srcRoutes ?? [], field: "src_routes" })
      : routesOf({ own, other, listed: ip?.dstRoutes ?? [], field: "dst_routes" })
  return {
    side,
    ...placeOf(near),
    alias,
    mac,
    mtu: leastMtu(connection, far, own),
    // no list says nothing about what is there
    ...(own.length > 0 && {
      addresses: own.map(({ ip: address, network }) => `${address}/${network.length}`),
    }),
    routes,
    neighbours: neighboursAt(sources),
  }
}

function placeOf(near: Mechanism): Pick<WireEnd, "namespace" | "name"> {
  return {
    namespace: parameter(near, MechanismParameter.inodeUrl),
    name: checkInterfaceName(parameter(near, MechanismParameter.name)),
  }
}

function parameter({ parameters }: Mechanism, key: string): string {
  const value = parameters[key]
  if (value) return value
  throw new NsmError("INVALID_REQUEST", `a KERNEL mechanism came without the parameter ${key}`)
}

function otherSide(side: Side): Side {
  return side === "client" ? "endpoint" : "client"
}

/** The least of what the context and the tunnel allow. */
function leastMtu({ context }: Connection, far: Mechanism, own: readonly Address[]): number {
  const tunnel = Number(far.parameters[MechanismParameter.mtu] ?? 0)
  const limits = [context?.MTU ?? 0, tunnel].filter((limit) => limit > 0)
  const mtu = limits.length > 0 ? Math.min(...limits) : defaultMtu
  const family = own.some((address) => address.family === 6) ? 6 : 4
  if (mtu >= leastMtus[family]) return mtu
  throw new NsmError(
    "INVALID_REQUEST",
    `an MTU of ${mtu} is too small for IPv${family}, which needs ${leastMtus[family]}`,
  )
}

/**
 * What the context lists; where the payload is IP and both ends are here, also the other end's
 * addresses: an IP payload leaves no place for asking.
 */
function neighboursAt({ side, connection, sides, far }: EndSources): readonly Neighbour[] {
  const { mac, addresses } = sides[otherSide(side)]
  const known =
    connection.payload === Payload.IP && far.type === MechanismType.KERNEL
      ? addresses.map(({ ip }) => ({ ip, mac }))
      : []
  const listed = (connection.context?.ipContext?.ipNeighbors ?? []).map((neighbour) => ({
    ip: parseAddress(neighbour.ip, "ip_neighbors").ip,
    mac: parseMac(neighbour.hardwareAddress, "ip_neighbors"),
  }))
  return [...new Map([...known, ...listed].map((one) => [one.ip, one])).values()]
}
