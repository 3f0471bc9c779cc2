import type { Daemon } from "@nsm/sdk/daemon"
import { type Audit, ownNamespace, Presence, Reconcile, type Wiring } from "@nsm/sdk-kernel"
import type { settings } from "./config.ts"

/**
 * Keeps what the kernel has and what connections own the same, until the daemon ends. Answers how to
 * ask for the difference.
 */
export function reconciliation(
  { config, clock, log, signal, tasks, use }: Daemon<typeof settings>,
  wires: Wiring,
): () => Promise<Audit> {
  const node = use("own network", ownNamespace())
  const presence = use("presence", new Presence({ node, forwarder: wires.owner.forwarder }))
  const reconcile = new Reconcile({
    ...{ wires, presence, clock, log },
    intervalMs: config.reconcileIntervalMs,
    graceMs: config.orphanGraceMs,
  })
  tasks.run("reconcile wires", () => reconcile.run(signal))
  tasks.run("watch wires", async () => {
    await wires.watch(signal).catch((failure: unknown) => {
      log.warn("lost interfaces are noticed late, with NSM_RECONCILE_INTERVAL", { error: failure })
    })
  })
  return () => reconcile.audit()
}
