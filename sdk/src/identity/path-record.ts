import { NsmError } from "../core/errors.ts"

/** The path of a connection with all that is needed to prove it later, and without a network. */
export interface PathRecord {
  /** Raised when a field changes its meaning or goes. */
  readonly version: 1
  /** When it was taken, as RFC 3339: what it says held then. */
  readonly takenAt: string
  readonly connection: { readonly id: string; readonly networkService: string }
  /** Client first. */
  readonly hops: readonly RecordedHop[]
  /** The trust domains whose roots prove it. The roots are not in it: whoever proves it has them. */
  readonly trustDomains: readonly string[]
}

/** A segment of the path, and who made its token. */
export interface RecordedHop {
  /** Name and id of the segment. Nobody signs them. */
  readonly name: string
  readonly id: string
  readonly token: string
  /** What the hop shows to its peers: its certificate, then what leads from it to a root, as PEM. */
  readonly certificates: string
  /** Why there are no certificates. */
  readonly missing?: string
}

/** Far above the longest path. */
const longest = 2 ** 20

/** Reads a record. Fails with MALFORMED_MESSAGE, which says where. */
export function parsePathRecord(text: string): PathRecord {
  if (text.length > longest) throw malformed(`it has more than ${longest} characters`)
  const record = fields(parsed(text), "it")
  if (record["version"] !== 1) throw malformed("its version is not 1: use the nsm that wrote it")
  const takenAt = textOf(record, "takenAt")
  if (Number.isNaN(Date.parse(takenAt))) throw malformed("takenAt is no RFC 3339 time")
  const connection = fields(record["connection"], "connection")
  return {
    version: 1,
    takenAt,
    connection: {
      id: textOf(connection, "id", "connection."),
      networkService: textOf(connection, "networkService", "connection."),
    },
    hops: list(record, "hops").map(hop),
    trustDomains: list(record, "trustDomains").map((domain) => {
      if (typeof domain === "string") return domain
      throw malformed("trustDomains has an entry that is no text")
    }),
  }
}

type Fields = Readonly<Record<string, unknown>>

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Its words would quote the record, and with it tokens.
    throw malformed("it is no JSON")
  }
}

function hop(value: unknown, at: number): RecordedHop {
  const where = `hops[${at}]`
  const given = fields(value, where)
  const { missing } = given
  return {
    name: textOf(given, "name", `${where}.`),
    id: textOf(given, "id", `${where}.`),
    token: textOf(given, "token", `${where}.`),
    certificates: textOf(given, "certificates", `${where}.`),
    ...(typeof missing === "string" && { missing }),
  }
}

function fields(value: unknown, where: string): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value }
  throw malformed(`${where} is no object`)
}

function textOf(given: Fields, name: string, where = ""): string {
  const value = given[name]
  if (typeof value === "string") return value
  throw malformed(`${where}${name} is no text`)
}

function list(given: Fields, name: string): readonly unknown[] {
  const value = given[name]
  if (Array.isArray(value)) return value
  throw malformed(`${name} is no list`)
}

function malformed(why: string): NsmError {
  return new NsmError("MALFORMED_MESSAGE", `this is no record of a path: ${why}`, {
    remedy: "Give a file that nsm path export wrote.",
  })
}
