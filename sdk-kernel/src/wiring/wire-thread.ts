import { Worker } from "node:worker_threads"
import { NsmError } from "@nsm/sdk"
import type { Link } from "../links/link.ts"
import { type CarriedError, carriedHere } from "./carried-error.ts"
import type { MakeWire, UnmadeEnd } from "./make-wire.ts"
import type { Joint } from "./wire.ts"

/** A namespace that the other side has open. */
export interface LentNamespace {
  /** Leads there while it is open. */
  readonly url: string
  readonly origin: string
}

/** A wire that the thread is to make. */
export interface Errand {
  readonly id: number
  readonly joint: Joint
  readonly ends: readonly (Omit<UnmadeEnd, "namespace"> & { readonly namespace: LentNamespace })[]
  readonly node: LentNamespace
}

/** What came of it. */
export type Outcome = { readonly id: number } & (
  | { readonly links: readonly Link[] }
  | { readonly failure: CarriedError }
)

type Waiting = PromiseWithResolvers<readonly Link[]>

/**
 * Has wires made on a thread of its own: the kernel takes nearly half of the time that a request costs a
 * forwarder, and holds the thread up that asks, longer when others ask it, too.
 */
export class WireThread implements AsyncDisposable {
  readonly #program: URL
  readonly #waiting = new Map<number, Waiting>()
  #worker: Worker | undefined
  #last = 0

  /** Starts the thread with that program, which calls `serveWireThread`. */
  constructor(program: URL) {
    this.#program = program
    this.#worker = this.#start()
  }

  readonly make: MakeWire = (joint, ends, node) => {
    // One that broke is replaced.
    const worker = (this.#worker ??= this.#start())
    const id = ++this.#last
    const waiting = Promise.withResolvers<readonly Link[]>()
    this.#waiting.set(id, waiting)
    const errand: Errand = {
      ...{ id, joint: alone(joint), node: lent(node) },
      ends: ends.map(({ namespace, ...end }) => ({ ...end, namespace: lent(namespace) })),
    }
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    worker.postMessage(errand)
    return waiting.promise
  }

  /** Ends the thread. What it is asked for must have come back. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker?.terminate()
  }

  #start(): Worker {
    const worker = new Worker(this.#program)
    worker.on("message", (outcome: Outcome) => {
      const waiting = this.#waiting.get(outcome.id)
      this.#waiting.delete(outcome.id)
      if ("links" in outcome) waiting?.resolve(outcome.links)
      else waiting?.reject(carriedHere(outcome.failure))
    })
    let cause: unknown
    worker.on("error", (error: unknown) => {
      cause = error
    })
    worker.on("exit", () => {
      this.#worker = undefined
      const failure = new NsmError("INTERNAL", "the thread that makes wires has ended", { cause })
      for (const { reject } of this.#waiting.values()) reject(failure)
      this.#waiting.clear()
    })
    return worker
  }
}

/** Ends need not be copied twice. */
function alone(joint: Joint): Joint {
  return joint.kind === "vxlan" ? { kind: joint.kind, tunnel: joint.tunnel } : { kind: joint.kind }
}

function lent({ url, origin }: LentNamespace): LentNamespace {
  return { url, origin }
}
