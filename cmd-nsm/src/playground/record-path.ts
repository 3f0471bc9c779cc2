import { decodeToken, NsmError, parseSpiffeId, type PathRecord, type RecordedHop } from "@nsm/sdk"
import type { Daemon } from "./daemon.ts"
import type { WireStatus } from "./status.ts"

/** Where a wire and its hops are. */
export interface RecordPathOptions {
  /** How the wire is named: by its id, by client and interface, or by its client if it is the only one. */
  readonly wire: string
  readonly wires: readonly Pick<WireStatus, "id" | "client" | "interface">[]
  /** The processes that can be on paths. */
  readonly daemons: readonly Pick<Daemon, "name" | "get">[]
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly now: number
}

/** What a client's daemon tells of the path of a wire. */
interface WirePath {
  readonly id: string
  readonly networkService: string
  readonly segments: readonly Pick<RecordedHop, "name" | "id" | "token">[]
}

/** Takes down which hops a wire passes, with what proves it: their tokens, and each hop's certificates. */
export async function recordPath({
  wire,
  wires,
  daemons,
  now,
}: RecordPathOptions): Promise<PathRecord> {
  const { id, client } = meant(wire, wires)
  const page = await daemonOf(client, daemons)?.get(`/path?wire=${encodeURIComponent(id)}`)
  if (page === undefined) {
    throw new NsmError("CONNECTION_NOT_FOUND", `the wire ${id} has no path yet`, {
      remedy: "See why with nsm status.",
    })
  }
  const path = JSON.parse(page) as WirePath
  const hops = await Promise.all(path.segments.map((segment) => recordHop(segment, daemons)))
  return {
    version: 1,
    takenAt: new Date(now).toISOString(),
    connection: { id: path.id, networkService: path.networkService },
    hops,
    trustDomains: [...new Set(hops.flatMap(trustDomain))],
  }
}

function meant(
  name: string,
  wires: RecordPathOptions["wires"],
): RecordPathOptions["wires"][number] {
  const fitting = wires.filter(
    (wire) =>
      wire.id === name || `${wire.client}/${wire.interface}` === name || wire.client === name,
  )
  const [wire, ...others] = fitting
  if (wire && others.length === 0) return wire
  const all = (wire ? fitting : wires).map((each) => `${each.client}/${each.interface}`).join(", ")
  throw wire
    ? new NsmError("INVALID_CONFIGURATION", `${name} has several wires`, {
        remedy: `Choose one of: ${all}`,
      })
    : new NsmError("CONNECTION_NOT_FOUND", `there is no wire "${name}"`, {
        remedy: all === "" ? "Add a client: nsm add client" : `Choose one of: ${all}`,
      })
}

async function recordHop(
  { name, id, token }: WirePath["segments"][number],
  daemons: RecordPathOptions["daemons"],
): Promise<RecordedHop> {
  const daemon = daemonOf(name, daemons)
  const page = await daemon?.get("/identity").catch(() => undefined)
  if (page !== undefined) {
    const { certificates } = JSON.parse(page) as { certificates: string }
    return { name, id, token, certificates }
  }
  const missing = daemon ? `${name} shows no identity` : `${name} is not of this playground`
  return { name, id, token, certificates: "", missing }
}

function daemonOf(
  name: string,
  daemons: RecordPathOptions["daemons"],
): RecordPathOptions["daemons"][number] | undefined {
  return daemons.find((daemon) => daemon.name === name)
}

function trustDomain({ token }: RecordedHop): string[] {
  try {
    return [parseSpiffeId(decodeToken(token).subject).trustDomain]
  } catch {
    // What is wrong with it, is for whoever proves the record to find.
    return []
  }
}
