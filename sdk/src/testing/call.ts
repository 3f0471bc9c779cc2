import { Call, type CallInit } from "../core/call.ts"
import { silentLog } from "../core/log.ts"
import { FakeClock } from "./fake-clock.ts"

/** A call for a test: on a clock that stands still, without a log and without an end. */
export function testCall({
  clock = new FakeClock(),
  log = silentLog,
  signal = new AbortController().signal,
  ...rest
}: Partial<CallInit> = {}): Call {
  return new Call({ clock, log, signal, ...rest })
}
