import { NsmError } from "../../core/errors.ts"
import { type Prefix, parsePrefix } from "../../tools/prefix.ts"

/**
 * Reads `NSM_CIDR_PREFIX`: `a,b` are two groups, of which a connection gets an address pair each;
 * `[a,b]` is one group, whose second prefix serves when the first is used up.
 */
export function parseCidrGroups(text: string): Prefix[][] {
  const compact = text.replaceAll(/\s/g, "")
  const item = String.raw`\[[^\[\]]*\]|[^\[\],]*`
  if (!new RegExp(`^(?:${item})(?:,(?:${item}))*$`).test(compact)) throw malformed(text)
  return compact
    .matchAll(new RegExp(`(?<=^|,)(?:\\[([^\\[\\]]*)\\]|([^\\[\\],]*))(?=,|$)`, "g"))
    .map(([, group, single]) =>
      (group ?? single ?? "").split(",").map((cidr) => prefixOf(cidr, text)),
    )
    .toArray()
}

function prefixOf(cidr: string, text: string): Prefix {
  const prefix = cidr.includes("/") ? parsePrefix(cidr) : undefined
  if (!prefix) throw malformed(text, cidr)
  return prefix
}

function malformed(text: string, cidr?: string): NsmError {
  const problem = cidr
    ? `${JSON.stringify(cidr)} is not a prefix`
    : "an item is empty or a bracket is lost"
  return new NsmError(
    "INVALID_CONFIGURATION",
    `address groups ${JSON.stringify(text)}: ${problem}; write for example 10.0.0.0/24,[fd00::/64,fd01::/64]`,
  )
}
