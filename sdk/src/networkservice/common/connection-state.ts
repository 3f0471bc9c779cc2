import type { Connection } from "@nsm/api"
import { type Call } from "../../core/call.ts"
import { element, type Element } from "../../core/chain.ts"
import { NsmError } from "../../core/errors.ts"
import { createKey } from "../../core/key.ts"
import type { NetworkService } from "../service.ts"

const bag = createKey<Map<symbol, unknown> | undefined>("connection-state", undefined)

/** A value that lives as long as a connection does. */
export interface ConnectionKey<T> {
  get(call: Call): T | undefined
  set(call: Call, value: T): void
  /** Reads and removes. */
  take(call: Call): T | undefined
}

/** Makes a key for a value per connection; an element makes its own between factory and `element(`. */
export function connectionKey<T>(description: string): ConnectionKey<T> {
  const symbol = Symbol(description)
  const values = (call: Call): Map<symbol, unknown> => {
    const found = call.get(bag)
    if (!found)
      throw new NsmError("INTERNAL", `${description}: no connection-state element before this one`)
    return found
  }
  return {
    get: (call) => values(call).get(symbol) as T | undefined,
    set: (call, value) => void values(call).set(symbol, value),
    take(call) {
      const value = values(call).get(symbol) as T | undefined
      values(call).delete(symbol)
      return value
    },
  }
}

/**
 * Keeps values per connection from its first request until it is closed.
 *
 * Placement: after `begin`, which serialises per connection; before every element with such values.
 */
export function connectionState(): Element<NetworkService> {
  const bags = new Map<string, Map<symbol, unknown>>()
  const idOf = (connection: Connection | undefined): string => connection?.id ?? ""
  return element("connection-state", (next) => ({
    async request(request, call) {
      const id = idOf(request.connection)
      const known = bags.get(id)
      const values = known ?? new Map<symbol, unknown>()
      bags.set(id, values)
      try {
        return await next.request(request, call.with(bag, values))
      } catch (failure) {
        if (!known) bags.delete(id)
        throw failure
      }
    },
    async close(connection, call) {
      const id = idOf(connection)
      const values = bags.get(id) ?? new Map<symbol, unknown>()
      bags.delete(id)
      await next.close(connection, call.with(bag, values))
    },
  }))
}
