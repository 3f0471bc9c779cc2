import { State } from "@nsm/api"
import {
  BackOff,
  type Clock,
  type Liveness,
  type Log,
  type NetworkService,
  NsmError,
  type Random,
  sleep,
  stillLives,
  withCall,
} from "@nsm/sdk"
import { explainError, type Need, type Readiness, TaskGroup } from "@nsm/sdk/daemon"
import { earlierConnection } from "./earlier-connection.ts"
import { requestFor } from "./request.ts"
import type { Wire } from "./wire.ts"

/** What holding wires needs. */
export interface HoldWiresOptions {
  readonly wires: readonly Wire[]
  /** The client's chain. */
  readonly service: NetworkService
  readonly manager: Pick<NetworkService, "monitorConnections">
  /** Whether a wire of an earlier run still lives. @default nobody can tell */
  readonly liveness?: Liveness | undefined
  readonly requestTimeoutMs: number
  readonly clock: Clock
  readonly log: Log
  readonly random: Random
  readonly readiness: Pick<Readiness, "needs">
}

/** Wires that are asked for until they are granted. Disposing gives all back. */
export interface HeldWires extends AsyncDisposable {
  /** Resolves when every wire is there. */
  readonly allGranted: Promise<void>
}

const [firstPauseMs, longestPauseMs] = [200, 5000]

/** How often a failure that stays the same is told again. */
const repeatMs = 60_000

/** How long requests under way may take to finish at the end: what they are granted is closed then. */
const finishMs = 2000

/** How long closing may take; what cannot be closed expires. */
const longestCloseMs = 4000

/** Asks for all wires at the same time, for each again and again until it is granted. */
export function holdWires({
  wires,
  service,
  manager,
  liveness,
  requestTimeoutMs,
  clock,
  log,
  random,
  readiness,
}: HoldWiresOptions): HeldWires {
  const ending = new AbortController()
  const tasks = new TaskGroup({ log })

  const attempt = async (wire: Wire, signal: AbortSignal): Promise<void> => {
    const earlier = await earlierConnection(wire.id, { manager, clock, log, signal })
    const looks = { liveness, clock, log, signal }
    const isLost = earlier?.state === State.DOWN && !(await stillLives(earlier, looks))
    const request = requestFor(wire, earlier, { reselects: isLost })
    await withCall({ clock, log, signal, timeoutMs: requestTimeoutMs }, (call) =>
      service.request(request, call),
    )
  }
  const obtain = async (wire: Wire, need: Need, signal: AbortSignal): Promise<void> => {
    const tell = teller({ wire, clock, log })
    const backOff = new BackOff({ random, firstMs: firstPauseMs, longestMs: longestPauseMs })
    for (;;) {
      try {
        await attempt(wire, signal)
        break
      } catch (failure) {
        if (ending.signal.aborted) return
        need.unmet(NsmError.from(failure).message)
        tell(failure)
      }
      await sleep(clock, backOff.next(), ending.signal)
    }
    need.met()
    log.info("wire is up", wire.status(clock.now()))
  }

  const started = wires.map((wire) => {
    const need = readiness.needs(`wire ${wire.wanted.text}`)
    return new Promise<void>((resolve) => {
      tasks.run(`wire ${wire.id}`, async (signal) => {
        await obtain(wire, need, signal).catch(ignoreEnd(ending.signal))
        if (wire.connection) resolve()
      })
    })
  })

  const close = async (wire: Wire): Promise<void> => {
    const { connection } = wire
    if (!connection) return
    const timeoutMs = Math.min(requestTimeoutMs, longestCloseMs)
    try {
      await withCall({ clock, log, timeoutMs }, (call) => service.close(connection, call))
      log.info("wire is closed", { id: wire.id, url: wire.wanted.text })
    } catch (failure) {
      log.warn("wire could not be closed and expires", { id: wire.id, why: explainError(failure) })
    }
  }
  return {
    allGranted: Promise.all(started).then(() => {}),
    async [Symbol.asyncDispose]() {
      ending.abort(new NsmError("SHUTTING_DOWN", "the client is ending"))
      await within(clock, finishMs, tasks.idle())
      await tasks[Symbol.asyncDispose]()
      await Promise.all(wires.map(close))
    },
  }
}

/** Tells of failures, but not each time of the same one. */
function teller({ wire, clock, log }: { wire: Wire; clock: Clock; log: Log }) {
  let last: { readonly why: string; readonly at: number } | undefined
  return (failure: unknown): void => {
    const why = explainError(failure)
    if (last?.why === why && clock.now() - last.at < repeatMs) return
    last = { why, at: clock.now() }
    log.error("no wire, will try again", { url: wire.wanted.text, why, error: failure })
  }
}

function ignoreEnd(signal: AbortSignal): (failure: unknown) => void {
  return (failure) => {
    if (!signal.aborted) throw failure
  }
}

async function within(clock: Clock, ms: number, work: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<void>()
  const timer = clock.schedule(ms, late.resolve)
  await Promise.race([work, late.promise])
  timer[Symbol.dispose]()
}
