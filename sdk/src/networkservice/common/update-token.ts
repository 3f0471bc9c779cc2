import { timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt"
import { type Connection, Header, type PathSegment } from "@nsm/api"
import { type Call, callee, type Callee } from "../../core/call.ts"
import { element, type Element } from "../../core/chain.ts"
import { answeredToken } from "../../identity/answered-token.ts"
import { checkCallersToken } from "../../identity/callers-token.ts"
import type { Token, TokenSource } from "../../identity/token.ts"
import { connectionOf } from "../connection.ts"
import { orClose } from "../or-close.ts"
import type { NetworkService } from "../service.ts"
import { fromInside } from "./begin/from-inside.ts"
import { turnAway } from "./begin/refusal.ts"

/** Where this hop's tokens come from. */
export interface UpdateTokenOptions {
  readonly tokens: TokenSource
}

/**
 * Writes two tokens into the path: the one that the caller sent, into the caller's segment, and a
 * fresh one of this hop, into its own. A caller without a usable token gets this hop's lifetime; one
 * whose token names somebody else is refused. On the way back, the caller gets a token of this hop that
 * it can check.
 *
 * Placement: after `begin`, so that events from inside the chain renew the tokens too; before
 * whatever looks at tokens or their ends.
 */
export function updateToken({ tokens }: UpdateTokenOptions): Element<NetworkService> {
  return element("update-token", (next) => ({
    async request(request, call) {
      const connection = stamped(connectionOf(request), tokens, call)
      const asked: Callee = {}
      return await next
        .request({ ...request, connection }, call.with(callee, asked))
        .then(
          orClose(next, call, (granted) =>
            answered(granted, connection.path?.index, { tokens, call, asked }),
          ),
        )
    },
    async close(connection, call) {
      await next.close(stampedIfPossible(connection, tokens, call), call)
    },
  }))
}

/**
 * A close that this hop began itself gives back what is here, even when its identity has expired. A
 * caller's is turned away: the connection stays, and goes when the caller's token ends.
 */
function stampedIfPossible(connection: Connection, tokens: TokenSource, call: Call): Connection {
  try {
    return stamped(connection, tokens, call)
  } catch (failure) {
    if (!call.get(fromInside)) {
      turnAway(call)
      throw failure
    }
    call.log.debug("a close goes without a fresh token", { error: failure })
    return connection
  }
}

function stamped(connection: Connection, tokens: TokenSource, call: Call): Connection {
  const { path } = connection
  const own = path?.pathSegments[path.index]
  if (!path || !own) return connection
  const fresh = tokens.token(call.peer)
  const pathSegments = [...path.pathSegments]
  pathSegments[path.index] = withToken(own, fresh)
  const caller = pathSegments[path.index - 1]
  if (caller) {
    const { expiresAt } = fresh
    const sent = sentToken(call)
    if (sent) checkCallersToken(sent.token, call.peer)
    pathSegments[path.index - 1] = withToken(caller, sent ?? { token: caller.token, expiresAt })
  }
  return { ...connection, path: { ...path, pathSegments } }
}

/** The answer with an own token that the caller can check. */
function answered(
  granted: Connection,
  index = 0,
  { tokens, call, asked }: { tokens: TokenSource; call: Call; asked: Callee },
): Connection {
  const { path } = granted
  const own = path?.pathSegments[index]
  if (!path || !own) return granted
  const fresh = answeredToken(own.token, { tokens, caller: call.peer, callee: asked.peer })
  if (!fresh) return granted
  const expiresAt = Math.min(fresh.expiresAt, own.expires ? timestampMs(own.expires) : Infinity)
  const pathSegments = path.pathSegments.with(index, withToken(own, { ...fresh, expiresAt }))
  return { ...granted, path: { ...path, pathSegments } }
}

function withToken(segment: PathSegment, { token, expiresAt }: Token): PathSegment {
  return { ...segment, token, expires: timestampFromMs(expiresAt) }
}

/** The token in the call's headers; without both headers, as without a readable end, there is none. */
function sentToken({ metadata, log }: Call): Token | undefined {
  const token = metadata.get(Header.clientToken)
  const expires = metadata.get(Header.clientTokenExpires)
  if (token === undefined || expires === undefined) return undefined
  const expiresAt = Date.parse(expires)
  if (!Number.isNaN(expiresAt)) return { token, expiresAt }
  log.warn("token of the caller ignored, its end is no RFC 3339 time", { expires })
  return undefined
}
