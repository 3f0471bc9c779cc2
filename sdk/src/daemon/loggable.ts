import { describeError } from "./describe-error.ts"

const secret = /token$|key$|secret|password|authorization|cookie/i

/** Names that only look secret. */
const harmless = /publickey$|^key$/i

const deepest = 8

/**
 * Fields as they may be logged: tokens and keys are replaced, errors laid out, and what is nested
 * too deep is cut off.
 */
export function loggable(fields: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, shown(name, value, 1)]),
  )
}

function shown(name: string, value: unknown, depth: number): unknown {
  if (secret.test(name) && !harmless.test(name) && value !== "" && value !== undefined) {
    return "[redacted]"
  }
  if (typeof value === "bigint") return String(value)
  if (value instanceof Error) return describeError(value)
  if (typeof value !== "object" || value === null) return value
  if (depth >= deepest) return "[…]"
  if (Array.isArray(value)) return value.map((item) => shown("", item, depth + 1))
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Map) return shown(name, Object.fromEntries(value), depth)
  if (value instanceof Set) return shown(name, [...value], depth)
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, shown(key, inner, depth + 1)]),
  )
}
