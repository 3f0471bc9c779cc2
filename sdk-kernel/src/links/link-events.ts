import { libc, SOCK_NONBLOCK } from "../ffi/libc.ts"
import { readable } from "../ffi/readable.ts"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"
import { decodeMessages, type Message } from "../netlink/message.ts"
import { receiveOnly } from "../netlink/message-filter.ts"
import { openRouteSocket, receive } from "../netlink/route-socket.ts"
import { RTM } from "../netlink/rtnetlink.ts"
import { decodeLink, type Link } from "./link.ts"

/** What has happened to the links of a namespace. */
export type LinkEvent =
  | { readonly kind: "changed" | "removed"; readonly link: Link }
  /** Too many came at once and some are lost: list the links anew. */
  | { readonly kind: "overrun" }

/** How links are watched. */
export interface LinkEventsOptions {
  readonly namespace: NetworkNamespace
  /** Ends the events. */
  readonly signal: AbortSignal
  /**
   * Whether to hear of all namespaces that this one knows by a number (`knowNamespace`), too, without
   * keeping those alive. @default false
   */
  readonly hearsOthers?: boolean
  /** Whether to hear of links that go only; of the others the kernel then makes no noise. @default false */
  readonly onlyRemovals?: boolean
}

/**
 * What happens to the links of a namespace from now on, until the signal fires. To miss nothing,
 * watch first and list then. Keeps the namespace alive, but does not need its handle any more.
 */
export function linkEvents({
  namespace,
  signal,
  hearsOthers = false,
  onlyRemovals = false,
}: LinkEventsOptions): AsyncIterable<LinkEvent> {
  signal.throwIfAborted()
  const where = namespace.origin
  const fd = namespace.run(() =>
    openRouteSocket({ where, groups: RTMGRP_LINK, hearsOthers, flags: SOCK_NONBLOCK }),
  )
  try {
    if (onlyRemovals) receiveOnly(fd, RTM.DELLINK, where)
  } catch (failure) {
    libc.close(fd)
    throw failure
  }
  // Later, when who waits on the descriptor has let go of it: its number may become another file's.
  signal.addEventListener("abort", () => setImmediate(() => libc.close(fd)), { once: true })
  return eventsFrom(fd, where, signal)
}

const RTMGRP_LINK = 1

/** Reads no further than it is asked: the kernel keeps what comes meanwhile, up to its limit. */
async function* eventsFrom(
  fd: number,
  where: string,
  signal: AbortSignal,
): AsyncGenerator<LinkEvent> {
  while (!signal.aborted) {
    const received = receive(fd, where)
    if (received === "empty") await readable(fd, signal)
    else if (received === "overrun") yield { kind: "overrun" }
    else yield* decodeMessages(received).flatMap(eventOf)
  }
}

function eventOf(message: Message): LinkEvent[] {
  if (message.type === RTM.NEWLINK) return [{ kind: "changed", link: decodeLink(message) }]
  if (message.type === RTM.DELLINK) return [{ kind: "removed", link: decodeLink(message) }]
  return []
}
