import type { HealCase } from "../heal-case.ts"

/** What happens to nodes. There must be one with neither the client nor its endpoint. */
export const nodeCases: readonly HealCase[] = [
  {
    title: "the endpoint's node is lost, an endpoint on a third one takes over",
    expected: { endpoint: "other", addresses: "same" },
    target: { backMs: 6000 },
    async prepare(scene) {
      const taken = [scene.clients[0]?.workload.node.name, (await scene.endpoint()).node.name]
      const free = [...scene.nodes.keys()].find((name) => !taken.includes(name)) ?? ""
      await scene.addEndpoint(free)
    },
    disturb: async (scene) => scene.loseNode((await scene.endpoint()).node),
    repair: (scene) => scene.restoreNodes(),
  },
]
