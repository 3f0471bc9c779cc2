import { element, type Element } from "../../core/chain.ts"
import type { NetworkService } from "../service.ts"
import { nextUrl } from "./next-url.ts"

/**
 * Sends every call to one URL.
 *
 * Placement: anywhere before `connect`.
 */
export function connectTo(url: string): Element<NetworkService> {
  return element("connect-to", (next) => ({
    request: async (request, call) => next.request(request, call.with(nextUrl, url)),
    close: async (connection, call) => next.close(connection, call.with(nextUrl, url)),
    monitorConnections: (selector, call) =>
      next.monitorConnections(selector, call.with(nextUrl, url)),
  }))
}
