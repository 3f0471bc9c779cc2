import { setTimeout as wait } from "node:timers/promises"
import { deleteInterface } from "@nsm/sdk-kernel"
import { type HealCase } from "../heal-case.ts"

/** What happens to networks, and to clients in them. */
export const networkCases: readonly HealCase[] = [
  {
    title: "the underlay is cut for 2 s, from its return on",
    wires: ["across nodes"],
    expected: { endpoint: "same", addresses: "same" },
    target: { backMs: 3000 },
    async disturb(scene) {
      const { node } = (await scene.remoteClient()).workload
      scene.lab.plug(node, false)
      await wait(2000)
      scene.lab.plug(node, true)
      return Date.now()
    },
  },
  ...(["client", "endpoint"] as const).map((side): HealCase => ({
    title: `the wire's interface at the ${side} is deleted by hand`,
    expected: { endpoint: "same", addresses: "same" },
    target: { backMs: 3000 },
    async disturb(scene) {
      const places =
        side === "client"
          ? scene.clients.map((client) => client.workload)
          : [await scene.endpoint()]
      for (const { name, namespace } of places) {
        for (const link of scene.lab.interfaces(name)) await deleteInterface(namespace, link)
      }
    },
  })),
  {
    title: "the client restarts",
    expected: { endpoint: "same", addresses: "same", keepsInterface: true },
    target: { lost: 0 },
    async disturb(scene) {
      const processes = scene.clients.map((client) => client.workload.process)
      await Promise.all(processes.map((process) => process.end()))
      await Promise.all(processes.map((process) => process.start().ready()))
    },
  },
]
