import type { StoredLease } from "./lease-store.ts"

const format = "nsm-leases-1"

/** Leases of an endpoint as its file holds them. */
export function writtenLeases(leases: readonly StoredLease[], owner: string): string {
  return `${JSON.stringify({ format, owner, leases })}\n`
}

/** Reads them; throws when the text is anything else, or another endpoint's. Empty is none. */
export function readLeases(text: string, owner: string): readonly StoredLease[] {
  if (text.trim() === "") return []
  const content = parsed(text)
  if (content?.["format"] !== format) throw new Error(`its format is not ${format}`)
  if (content["owner"] !== owner) throw new Error(`it is of ${JSON.stringify(content["owner"])}`)
  const { leases } = content
  if (!Array.isArray(leases) || !leases.every(isLease)) throw new Error("it holds what is no lease")
  return leases
}

/** The library's own words would quote what may be no business of the log. */
function parsed(text: string): Partial<Record<string, unknown>> | null {
  try {
    return JSON.parse(text) as Partial<Record<string, unknown>> | null
  } catch {
    throw new Error("it is not JSON")
  }
}

function isLease(value: unknown): value is StoredLease {
  if (typeof value !== "object" || value === null) return false
  const { expiresAt, ...texts } = value as Partial<Record<string, unknown>>
  const { connectionId, client, dst, src } = texts
  return (
    typeof expiresAt === "number" &&
    [connectionId, client, dst, src].every((text) => typeof text === "string")
  )
}
