import { parentPort } from "node:worker_threads"
import { NsmError } from "@nsm/sdk"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"
import { openNamespace } from "../namespace/open-namespace.ts"
import { carried } from "./carried-error.ts"
import { makeWire } from "./make-wire.ts"
import type { Errand, LentNamespace, Outcome } from "./wire-thread.ts"

/** Makes the wires that a `WireThread` asks for: the whole program of such a thread. */
export function serveWireThread(): void {
  const port = parentPort
  if (!port) throw new NsmError("INTERNAL", "this is a program for a thread")
  const serve = async (errand: Errand): Promise<void> => {
    const outcome = await outcomeOf(errand)
    port.postMessage(outcome)
  }
  port.on("message", (errand: Errand) => void serve(errand))
}

async function outcomeOf({ id, joint, ends, node }: Errand): Promise<Outcome> {
  try {
    using opened = new DisposableStack()
    const open = ({ url, origin }: LentNamespace): NetworkNamespace =>
      opened.use(openNamespace(url, { origin }))
    const unmade = ends.map(({ namespace, ...end }) => ({ ...end, namespace: open(namespace) }))
    return { id, links: await makeWire(joint, unmade, open(node)) }
  } catch (failure) {
    return { id, failure: carried(failure) }
  }
}
