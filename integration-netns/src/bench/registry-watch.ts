import { pathToFileURL } from "node:url"
import { create } from "@bufbuild/protobuf"
import { type NetworkServiceEndpoint, NetworkServiceEndpointSchema } from "@nsm/api"
import {
  type Call,
  connectRegistries,
  endpointKind,
  grpcTransport,
  NsmError,
  type Registries,
  registryClient,
  silentLog,
  systemClock,
  withCall,
} from "@nsm/sdk"
import { DaemonProcess, temporaryFolder } from "@nsm/sdk/testing"
import { programFile } from "../lab/programs.ts"
import type { Bench } from "./bench.ts"
import { drive } from "./drive.ts"
import { quantile } from "./quantile.ts"

const endpointCount = 10_000
const serviceCount = 1_000
const watcherCount = 1_000
const connectionCount = 10
const changeCount = 20
const watched = "service-0"

/**
 * Fills the registry, lets a thousand watch one network service of a thousand, and times how long
 * each change of an endpoint takes to reach each of them. The registry is a process of its own.
 */
export const registryWatch: Bench = async ({ signal, step }) => {
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await temporaryFolder())
  const url = folder.socket("registry.sock")
  const main = pathToFileURL(programFile("cmd-registry-memory"))
  const settings = { NSM_NAME: "registry", NSM_LISTEN_ON: url, NSM_LOG_LEVEL: "WARN" }
  const env = { ...settings, NSM_INSECURE: "true" }
  stack.use(new DaemonProcess({ main, env }))
  const transport = stack.use(grpcTransport({ name: "bench" }))
  const lifetime = stack.adopt(new AbortController(), (it) => it.abort(over))
  const renewing = registryClient({ transport, url, signal: lifetime.signal })

  step(`registering ${endpointCount} endpoints`)
  const registered = await drive({ count: endpointCount, inFlight: 32 }, (at) =>
    inCall(signal, (call) => renewing.endpoints.register(endpoint(at), call)),
  )

  step(`opening ${watcherCount} watches`)
  const connections = Array.from({ length: connectionCount }, (_, at) =>
    connectRegistries({ transport: stack.use(grpcTransport({ name: `watcher-${at}` })), url }),
  )
  const watchers = Array.from(
    { length: watcherCount },
    (_, at) => new Watcher(connections[at % connectionCount] ?? renewing),
  )
  const watching = watchers.map((watcher) => watcher.run(lifetime.signal))
  await Promise.all(watchers.map((watcher) => watcher.sees(endpointCount / serviceCount)))

  const times: number[] = []
  const lasts: number[] = []
  for (let change = 1; change <= changeCount; change++) {
    step(`change ${change} of ${changeCount}`)
    const before = watchers.map((watcher) => watcher.count)
    const from = performance.now()
    const seen = watchers.map(async (watcher, at) => {
      await watcher.sees((before[at] ?? 0) + 1)
      return watcher.lastAt - from
    })
    await inCall(signal, (call) => renewing.endpoints.register(endpoint(0, `${change}`), call))
    const took = await Promise.all(seen)
    times.push(...took)
    lasts.push(Math.max(...took))
  }
  lifetime.abort(over)
  await Promise.all(watching)

  const measured = `${endpointCount} endpoints, ${changeCount} changes over unix sockets`
  const name = `registry, one change seen by ${watcherCount} watchers`
  return [
    {
      name: `${name}, p99`,
      measured,
      value: quantile(times, 0.99),
      unit: "ms",
      target: { atMost: 1000 },
    },
    { name: `${name}, p50`, measured, value: quantile(times, 0.5), unit: "ms" },
    {
      name: `${name}, by the last`,
      measured: "the slowest change",
      value: Math.max(...lasts),
      unit: "ms",
    },
    {
      name: "registry, registrations",
      measured: "32 in flight",
      value: registered.perSecond,
      unit: "calls/s",
    },
  ]
}

const over = new NsmError("CANCELLED", "the benchmark is over")

function endpoint(at: number, version = "0"): NetworkServiceEndpoint {
  const service = `service-${at % serviceCount}`
  return create(NetworkServiceEndpointSchema, {
    name: `endpoint-${at}`,
    networkServiceNames: [service],
    networkServiceLabels: { [service]: { labels: { app: "bench", version } } },
    url: `tcp://192.0.2.1:${5000 + (at % 1000)}`,
  })
}

function inCall<T>(signal: AbortSignal, run: (call: Call) => Promise<T>): Promise<T> {
  return withCall({ clock: systemClock, log: silentLog, signal, timeoutMs: 60_000 }, run)
}

/** Watches the one service, and counts what it is told. */
class Watcher {
  readonly #registries: Registries
  #waiting: { readonly count: number; readonly resolve: () => void } | undefined
  count = 0
  /** When it was told last. */
  lastAt = 0

  constructor(registries: Registries) {
    this.#registries = registries
  }

  /** Watches until the signal fires. */
  async run(signal: AbortSignal): Promise<void> {
    const wanted = create(NetworkServiceEndpointSchema, { networkServiceNames: [watched] })
    const query = endpointKind.query(wanted, true)
    try {
      await withCall({ clock: systemClock, log: silentLog, signal }, async (call) => {
        for await (const _ of this.#registries.endpoints.find(query, call)) this.#told()
      })
    } catch (failure) {
      if (!signal.aborted) throw failure
    }
  }

  /** Resolves when it was told so many times. */
  async sees(count: number): Promise<void> {
    if (this.count >= count) return
    await new Promise<void>((resolve) => (this.#waiting = { count, resolve }))
  }

  #told(): void {
    this.count += 1
    this.lastAt = performance.now()
    if (this.#waiting && this.count >= this.#waiting.count) this.#waiting.resolve()
  }
}
