import { fromJson, type JsonValue } from "@bufbuild/protobuf"
import { NetworkServiceSchema } from "@nsm/api"
import { NsmError, type Registries, silentLog, systemClock, withCall } from "@nsm/sdk"
import type { Service } from "../topology/topology.ts"
import { openRegistries, type OpenRegistriesOptions } from "./registries.ts"

/** How long a registration may take. */
const timeoutMs = 10_000

/**
 * The network services that the playground registers itself, as an operator does. It keeps them
 * there until it is disposed: the registry forgets everything when it is started again.
 */
export class Services implements AsyncDisposable {
  readonly #registries: Registries
  readonly #ending: AbortController
  readonly #open: AsyncDisposableStack

  static async open(options: OpenRegistriesOptions): Promise<Services> {
    const ending = new AbortController()
    await using open = new AsyncDisposableStack()
    const registries = await openRegistries(options, open, ending.signal)
    return new Services(registries, ending, open.move())
  }

  private constructor(registries: Registries, ending: AbortController, open: AsyncDisposableStack) {
    this.#registries = registries
    this.#ending = ending
    this.#open = open
  }

  /** Registers services with their match rules. */
  async register(services: readonly Service[]): Promise<void> {
    const limits = { clock: systemClock, log: silentLog, signal: this.#ending.signal, timeoutMs }
    await withCall(limits, async (call) => {
      for (const service of services) {
        const entry = fromJson(NetworkServiceSchema, jsonOf(service))
        await this.#registries.services.register(entry, call)
      }
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort(new NsmError("SHUTTING_DOWN", "the playground is ending"))
    await this.#open.disposeAsync()
  }
}

/** The topology names fields as the protocol does. */
function jsonOf(service: Service): JsonValue {
  return JSON.parse(JSON.stringify(service)) as JsonValue
}
