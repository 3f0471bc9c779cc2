import { Header } from "@nsm/api"
import { type Call, callee, type Callee } from "../../core/call.ts"
import { type Element, element } from "../../core/chain.ts"
import { NsmError } from "../../core/errors.ts"
import { answeredToken } from "../../identity/answered-token.ts"
import { checkCallersToken } from "../../identity/callers-token.ts"
import { decodeToken } from "../../identity/decode-token.ts"
import type { TokenSource } from "../../identity/token.ts"
import type { Deletable, Kind, Named, Watchable } from "../kind.ts"
import {
  decodePath,
  emptyPath,
  encodePath,
  type PathHolder,
  registryPath,
  type RegistryPath,
} from "../registry-path.ts"
import type { Registry } from "../service.ts"

/** Where this hop's tokens come from. */
export interface UpdateRegistryPathOptions {
  /** @default none, and no path */
  readonly tokens: TokenSource | undefined
}

/**
 * Adds this hop to the path of a registration: the caller's token and an own one to the tokens, the
 * ids of both to the entry. The caller gets the path back, with all hops behind this one.
 *
 * Hops that prove nothing, as in a mesh without identities, are not on paths.
 *
 * Placement: first in a server, before whatever looks at tokens or keeps entries.
 */
export function updateRegistryPath<
  Entry extends Named & { pathIds: string[] },
  Query extends Watchable,
  Response extends Deletable,
>(
  { noun }: Kind<Entry, Query, Response>,
  { tokens }: UpdateRegistryPathOptions,
): Element<Registry<Entry, Query, Response>> {
  return element("update-registry-path", (next) => {
    const through = async <T>(
      entry: Entry,
      call: Call,
      go: (entry: Entry, call: Call) => Promise<T>,
    ): Promise<T> => {
      const own = call.peer && tokens?.token(call.peer).token
      if (!own) return await go(entry, call)
      const entered = enter(own, `${noun} ${entry.name}`, call)
      const holder: PathHolder = { path: entered.path ?? emptyPath }
      const passed = { ...entry, pathIds: pathIdsOf(entry, entered) }
      const asked: Callee = {}
      const answer = await go(passed, call.with(registryPath, holder).with(callee, asked))
      if (entered.path) {
        const path = callersPath(holder, entered.path)
        const at = { tokens, caller: call.peer, callee: asked.peer }
        const fresh = answeredToken(path.tokens[entered.index] ?? "", at)?.token
        const back = fresh === undefined ? path.tokens : path.tokens.with(entered.index, fresh)
        call.reply.set(Header.path, encodePath({ ...path, tokens: back }))
      }
      return answer
    }
    return {
      register: (entry, call) =>
        through(entry, call, (passed, within) => next.register(passed, within)),
      unregister: (entry, call) =>
        through(entry, call, (passed, within) => next.unregister(passed, within)),
    }
  })
}

/** What this hop adds to a path. */
interface Entered {
  /** Undefined when the caller sent none: then nobody may take anything for proven. */
  readonly path: RegistryPath | undefined
  /** Place of this hop. */
  readonly index: number
  /** Ids of the caller and of this hop. */
  readonly ids: readonly [string, string]
}

function enter(own: string, what: string, { metadata, peer, log }: Call): Entered {
  const header = metadata.get(Header.path)
  if (header === undefined) log.warn("a registration came without the header path", { what })
  const sent = header === undefined ? emptyPath : decodePath(header)
  const callers = metadata.get(Header.clientToken)
  if (callers === undefined) {
    throw new NsmError("TOKEN_INVALID", `${what} came without the header ${Header.clientToken}`)
  }
  checkCallersToken(callers, peer)
  const index = sent.index + 1
  const all = [...sent.tokens.slice(0, index - 1), callers, own, ...sent.tokens.slice(index + 1)]
  return {
    path: header === undefined ? undefined : { index, tokens: all },
    index,
    ids: [decodeToken(callers).subject, decodeToken(own).subject],
  }
}

/** The path as the caller has to keep it. */
function callersPath({ path }: PathHolder, { index, tokens }: RegistryPath): RegistryPath {
  return { index: index - 1, tokens: path?.tokens ?? tokens }
}

/** Ids by position; those of hops behind this one stay until these set them. */
function pathIdsOf(
  { pathIds }: { pathIds: readonly string[] },
  { index, ids: [callers, own] }: Entered,
): string[] {
  const before = Array.from({ length: index - 1 }, (_, at) => pathIds[at] ?? "")
  return [...before, callers, own, ...pathIds.slice(index + 1)]
}
