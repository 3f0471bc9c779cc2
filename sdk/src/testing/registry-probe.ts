import type { Call } from "../core/call.ts"
import { type Element, element } from "../core/chain.ts"
import { unlessEnded } from "../core/ended.ts"
import type { NsmError } from "../core/errors.ts"
import type { Registry } from "../registry/service.ts"
import type { Seen } from "./probes.ts"

/** Remembers what comes by on the way to a registry, and disturbs it as a test wants. */
export interface RegistryProbe<Entry, Query, Response> extends Element<
  Registry<Entry, Query, Response>
> {
  readonly registers: Seen<Entry>[]
  readonly finds: Seen<Query>[]
  readonly unregisters: Seen<Entry>[]
  /** What every call fails with as long as it is set. */
  failure: NsmError | undefined
  /** What every call waits for, unless it ends before. */
  gate: Promise<void> | undefined
}

/** Makes a probe. */
export function registryProbe<Entry, Query, Response>(): RegistryProbe<Entry, Query, Response> {
  const registers: Seen<Entry>[] = []
  const finds: Seen<Query>[] = []
  const unregisters: Seen<Entry>[] = []
  const disturb = async ({ signal }: Call): Promise<void> => {
    if (probe.gate) await unlessEnded(signal, probe.gate)
    if (probe.failure) throw probe.failure
  }
  const probe: RegistryProbe<Entry, Query, Response> = {
    registers,
    finds,
    unregisters,
    failure: undefined,
    gate: undefined,
    ...element<Registry<Entry, Query, Response>>("registry-probe", (next) => ({
      async register(message, call) {
        registers.push({ message, call })
        await disturb(call)
        return await next.register(message, call)
      },
      async *find(message, call) {
        finds.push({ message, call })
        await disturb(call)
        yield* next.find(message, call)
      },
      async unregister(message, call) {
        unregisters.push({ message, call })
        await disturb(call)
        await next.unregister(message, call)
      },
    })),
  }
  return probe
}
