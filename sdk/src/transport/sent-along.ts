import { Header } from "@nsm/api"
import {
  type Call,
  callee,
  type Metadata,
  type Peer,
  sentFiles,
  sentMetadata,
} from "../core/call.ts"
import type { TokenSource } from "../identity/token.ts"

/**
 * The headers of a call to a peer, with a token made for it; and before the call is sent, the files
 * that belong to it go, and its caller gets to know who the peer is.
 */
export function sentAlong(call: Call, peer: Peer, tokens: TokenSource | undefined): Metadata {
  const holder = call.get(callee)
  if (holder) holder.peer = peer
  for (const path of call.get(sentFiles)) peer.descriptors?.send(path)
  const headers = new Map(call.get(sentMetadata))
  if (!tokens) return headers
  const { token, expiresAt } = tokens.token(peer)
  return headers
    .set(Header.clientToken, token)
    .set(Header.clientTokenExpires, new Date(expiresAt).toISOString())
}
