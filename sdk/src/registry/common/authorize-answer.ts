import { callee, type Callee, type Call, withRenewedCall } from "../../core/call.ts"
import { type Element, element } from "../../core/chain.ts"
import { checked } from "../../policy/checked.ts"
import type { Policies } from "../../policy/policies.ts"
import { registryInput } from "../../policy/registry-input.ts"
import type { Deletable, Kind, Named, Watchable } from "../kind.ts"
import { emptyPath, type PathHolder, registryPath } from "../registry-path.ts"
import type { Registry } from "../service.ts"
import { Owners } from "./owners.ts"

/** What registries have to obey. */
export interface AuthorizeAnswerOptions {
  /** Asked about the answer to every registration. */
  readonly answers: Policies
  /** Names whose owners are remembered. @default 65536 */
  readonly capacity?: number
}

/**
 * Takes a registry's answer only if all policies allow it. What was registered for the first time
 * against them is taken out again; a renewal only fails.
 *
 * Placement: in whoever calls a registry, right before `sendRegistryPath`.
 */
export function authorizeAnswer<
  Entry extends Named & { pathIds: string[] },
  Query extends Watchable,
  Response extends Deletable,
>(
  _kind: Kind<Entry, Query, Response>,
  { answers, capacity }: AuthorizeAnswerOptions,
): Element<Registry<Entry, Query, Response>> {
  return element("authorize-answer", (next) => {
    const owners = new Owners(capacity)

    const check = async (name: string, holder: PathHolder, { peer }: Callee, call: Call) => {
      const path = holder.path ?? emptyPath
      await answers.check(registryInput({ name, path, known: owners.pathIds }), peer, call)
    }

    const takeOut = async (failure: unknown, entry: Entry, call: Call): Promise<void> => {
      try {
        await withRenewedCall(call, (renewed) => next.unregister(entry, renewed))
      } catch (second) {
        throw new SuppressedError(second, failure, "what was registered could not be taken out")
      }
    }

    return {
      async register(entry, call) {
        const holder: PathHolder = call.get(registryPath) ?? {}
        const asked: Callee = {}
        const within = call.with(registryPath, holder).with(callee, asked)
        const register = (): Promise<Entry> => next.register(entry, within)
        const granted = await register()
        try {
          await checked(granted, asked, register, ({ name }) => check(name, holder, asked, call))
        } catch (failure) {
          if (!owners.has(entry.name)) await takeOut(failure, granted, within)
          throw failure
        }
        owners.set(granted.name, granted.pathIds)
        return granted
      },
      async unregister(entry, call) {
        await next.unregister(entry, call)
        owners.delete(entry.name)
      },
    }
  })
}
