import type { Call } from "../../core/call.ts"
import { type Element, element } from "../../core/chain.ts"
import { Serial } from "../../core/serial.ts"
import type { Policies } from "../../policy/policies.ts"
import { registryInput } from "../../policy/registry-input.ts"
import type { Deletable, Kind, Named, Watchable } from "../kind.ts"
import { emptyPath, registryPath } from "../registry-path.ts"
import type { Registry } from "../service.ts"
import { Owners } from "./owners.ts"

/** What those who register have to obey. */
export interface AuthorizeOptions {
  /** Asked about every registration, and about taking one out. */
  readonly registrations: Policies
  /** Names whose owners are remembered. @default 65536 */
  readonly capacity?: number
}

/**
 * Lets an entry be registered or taken out only if all policies allow it, and remembers who registered
 * each name. Looking things up is free to all.
 *
 * Placement: right after `updateRegistryPath`, before everything that keeps something per entry.
 */
export function authorize<
  Entry extends Named & { pathIds: string[] },
  Query extends Watchable,
  Response extends Deletable,
>(
  _kind: Kind<Entry, Query, Response>,
  { registrations, capacity }: AuthorizeOptions,
): Element<Registry<Entry, Query, Response>> {
  return element("authorize", (next) => {
    const owners = new Owners(capacity)
    // Who comes first has the name: the second waits until that is known.
    const serial = new Serial()

    const check = async ({ name }: Entry, call: Call): Promise<void> => {
      if (!call.peer) return
      const { index, tokens } = call.get(registryPath)?.path ?? emptyPath
      // What comes behind this hop is of an earlier registration.
      const path = { index, tokens: tokens.slice(0, index + 1) }
      const subject = registryInput({ name, path, known: owners.pathIds })
      await registrations.check(subject, call.peer, call)
    }

    return {
      register(entry, call) {
        const register = async (): Promise<Entry> => {
          await check(entry, call)
          const granted = await next.register(entry, call)
          if (call.peer) owners.set(entry.name, granted.pathIds)
          return granted
        }
        return serial.run(entry.name, register, call.signal)
      },
      unregister(entry, call) {
        const unregister = async (): Promise<void> => {
          await check(entry, call)
          await next.unregister(entry, call)
          owners.delete(entry.name)
        }
        return serial.run(entry.name, unregister, call.signal)
      },
    }
  })
}
