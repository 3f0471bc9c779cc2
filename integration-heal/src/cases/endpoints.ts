import { setTimeout as wait } from "node:timers/promises"
import { type HealCase, untouched } from "../heal-case.ts"
import { ignoreEchoes } from "../ignore-echoes.ts"
import type { Scene } from "../scene.ts"

/** Another endpoint on the same node, for one that is about to go. */
async function standBy(scene: Scene): Promise<void> {
  await scene.addEndpoint((await scene.endpoint()).node.name)
}

const takenOver = {
  prepare: standBy,
  expected: { endpoint: "other", addresses: "same" },
  target: { backMs: 2000 },
} as const satisfies Partial<HealCase>

/** What endpoints do. */
export const endpointCases: readonly HealCase[] = [
  {
    title: "the endpoint dies with its network, another one takes over",
    ...takenOver,
    async disturb(scene) {
      await scene.killEndpoint(await scene.endpoint())
    },
  },
  {
    title: "the endpoint's process dies, its network stays",
    ...untouched,
    expected: { ...untouched.expected, endpoint: "dead" },
    async disturb(scene) {
      await (await scene.endpoint()).process.end()
      // Longer than it takes to notice and to look at the wire.
      await wait(2500)
    },
    async repair(scene) {
      for (const { process } of scene.endpoints.values()) {
        if (process.hasEnded) await process.start().ready()
      }
    },
  },
  {
    title: "the endpoint restarts",
    ...untouched,
    async disturb(scene) {
      const { process } = await scene.endpoint()
      await process.end()
      await process.start().ready()
    },
  },
  {
    title: "the endpoint moves to another node",
    expected: { endpoint: "same", addresses: "same" },
    target: { backMs: 2000 },
    async disturb(scene) {
      const endpoint = await scene.endpoint()
      const others = [...scene.nodes.keys()].filter((name) => name !== endpoint.node.name)
      await scene.killEndpoint(endpoint)
      await scene.addEndpoint(others[0] ?? "", endpoint.name)
    },
  },
  {
    title:
      "the endpoint hangs: no packets, but it answers the control plane; another one takes over",
    ...takenOver,
    // Only the client's look at its wire tells, which gives an echo a second.
    target: { backMs: 3000 },
    async disturb(scene) {
      ignoreEchoes((await scene.endpoint()).namespace)
    },
    async repair(scene) {
      const serving = await scene.endpoint()
      for (const endpoint of scene.endpoints.values()) {
        if (endpoint !== serving) await scene.killEndpoint(endpoint)
      }
    },
  },
]
