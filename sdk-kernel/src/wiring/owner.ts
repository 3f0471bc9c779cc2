import { word } from "./identity.ts"

/** Who made an interface: a forwarder, on the node that has this network. */
export interface Owner {
  readonly forwarder: string
  /** Inode of the network namespace of the node. */
  readonly node: number
}

/** What the alias of an interface says. */
export interface AliasParts {
  /** Which wire's end it is, as `aliasOf` names it. */
  readonly end: string
  /** Undefined for what an earlier version made, or another implementation. */
  readonly owner: Owner | undefined
}

const longestName = 64
const form = /^((?:server|client)-\S+)(?: of (\S+) in net:\[(\d+)\])?$/

/** The alias that an interface gets: which wire's end it is, and who made it. */
export function ownedAlias(end: string, { forwarder, node }: Owner): string {
  return `${end} of ${forwarderWord(forwarder)} in net:[${node}]`
}

/** A forwarder's name as aliases have it. */
export function forwarderWord(name: string): string {
  return word(name, longestName)
}

/** Reads an alias; undefined for what is no wire's end. */
export function aliasParts(alias: string | undefined): AliasParts | undefined {
  const [, end, forwarder, node] = form.exec(alias ?? "") ?? []
  if (end === undefined) return undefined
  if (forwarder === undefined) return { end, owner: undefined }
  return { end, owner: { forwarder, node: Number(node) } }
}
