import type { Connection } from "@nsm/api"
import { type Call, withRenewedCall } from "../core/call.ts"
import { established } from "./common/begin/established.ts"
import type { NetworkService } from "./service.ts"

/**
 * For work on the way back: applies it to what was granted and, when it fails, closes what was
 * granted, with time of its own, before the failure goes on. An established connection outlives a
 * failed refresh.
 *
 * @example
 * return next.request(request, call).then(orClose(next, call, (granted) => wire(granted)))
 */
export function orClose(
  next: NetworkService,
  call: Call,
  apply: (granted: Connection) => Connection | Promise<Connection>,
): (granted: Connection) => Promise<Connection> {
  return async (granted) => {
    try {
      return await apply(granted)
    } catch (failure) {
      if (!call.get(established)) await closeAfter(failure, next, granted, call)
      throw failure
    }
  }
}

async function closeAfter(
  failure: unknown,
  next: NetworkService,
  granted: Connection,
  call: Call,
): Promise<void> {
  try {
    await withRenewedCall(call, (renewed) => next.close(granted, renewed))
  } catch (closing) {
    throw new SuppressedError(closing, failure, "the close after a failed request failed too")
  }
}
