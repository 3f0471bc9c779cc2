import type { LabProcess } from "@nsm/integration-netns"
import { type HealCase, untouched } from "../heal-case.ts"
import type { Scene } from "../scene.ts"

/** What managers, the registry and the authority do. */
export const controlPlaneCases: readonly HealCase[] = [
  {
    title: "the endpoint's manager restarts",
    ...untouched,
    disturb: async (scene) => restart([(await scene.endpoint()).node.manager]),
  },
  {
    title: "the client's manager restarts",
    wires: ["across nodes"],
    ...untouched,
    disturb: async (scene) => restart([(await scene.remoteClient()).workload.node.manager]),
  },
  {
    title: "the registry restarts",
    ...untouched,
    disturb: (scene) => restart([scene.lab.registry]),
  },
  {
    title: "the registry and all managers restart",
    ...untouched,
    disturb: (scene) => restart([scene.lab.registry, ...scene.managers]),
  },
  {
    title: "the authority restarts",
    ...untouched,
    disturb: (scene) => restart([scene.lab.authority]),
  },
  {
    title: "everything but the client restarts",
    ...untouched,
    target: { backMs: 5000 },
    async disturb(scene) {
      await restart([...meshOf(scene), (await scene.endpoint()).process])
    },
  },
  {
    title: "everything but the client restarts, and the endpoint dies",
    expected: { endpoint: "other", addresses: "same" },
    target: { backMs: 5000 },
    async prepare(scene) {
      await scene.addEndpoint((await scene.endpoint()).node.name)
    },
    async disturb(scene) {
      const endpoint = await scene.endpoint()
      const others = [...scene.endpoints.values()].filter((each) => each !== endpoint)
      await Promise.all([
        scene.killEndpoint(endpoint),
        restart([...meshOf(scene), ...others.map((other) => other.process)]),
      ])
    },
  },
]

function meshOf({ lab, managers, allForwarders }: Scene): readonly LabProcess[] {
  return [lab.authority, lab.registry, ...managers, ...allForwarders]
}

/** Kills all at the same time, and starts all at the same time. */
async function restart(processes: readonly LabProcess[]): Promise<void> {
  await Promise.all(processes.map((process) => process.end()))
  await Promise.all(processes.map((process) => process.start().ready()))
}
