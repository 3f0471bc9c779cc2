import { Header } from "@nsm/api"
import { type Call, sentMetadata } from "../../core/call.ts"
import { element, type Element } from "../../core/chain.ts"
import type { TokenSource } from "../../identity/token.ts"
import type { NetworkService } from "../service.ts"

/** Where this hop's tokens come from. */
export interface SendTokenOptions {
  readonly tokens: TokenSource
}

/**
 * Sends a token of this hop and its end along with every call.
 *
 * Placement: right before `connect`.
 */
export function sendToken({ tokens }: SendTokenOptions): Element<NetworkService> {
  const signed = (call: Call): Call => {
    const { token, expiresAt } = tokens.token(undefined)
    const headers = new Map(call.get(sentMetadata))
      .set(Header.clientToken, token)
      .set(Header.clientTokenExpires, new Date(expiresAt).toISOString())
    return call.with(sentMetadata, headers)
  }
  return element("send-token", (next) => ({
    request: async (request, call) => next.request(request, signed(call)),
    close: async (connection, call) => next.close(connection, signed(call)),
    monitorConnections: (selector, call) => next.monitorConnections(selector, signed(call)),
  }))
}
