import type { LabProcess } from "@nsm/integration-netns"
import { type HealCase, untouched, type WireKind } from "../heal-case.ts"
import type { Scene } from "../scene.ts"

const targetMs = 3000

/** Which of the forwarders of a wire across nodes; that of the endpoint has all wires to it. */
const sides = [
  { side: "endpoint", wires: undefined },
  { side: "client", wires: ["across nodes"] },
] as const satisfies readonly { side: string; wires: readonly WireKind[] | undefined }[]

/** What forwarders do. */
export const forwarderCases: readonly HealCase[] = sides.flatMap(({ side, wires }) => {
  const concerned = wires ? { wires } : {}
  const restarts = (["SIGKILL", "SIGTERM"] as const).map((signal): HealCase => ({
    title: `the ${side}'s forwarder restarts after ${signal}`,
    ...concerned,
    ...untouched,
    target: { backMs: targetMs },
    async disturb(scene) {
      const forwarder = await forwarderAt(side, scene)
      await forwarder.end(signal)
      await forwarder.start().ready()
    },
  }))
  const dies: HealCase = {
    title: `the ${side}'s forwarder dies, another one on the node takes over`,
    ...concerned,
    expected: { endpoint: "same", addresses: "same" },
    target: { backMs: targetMs },
    async prepare(scene) {
      const forwarder = await forwarderAt(side, scene)
      await scene.addForwarder(scene.nodeOf(forwarder))
    },
    async disturb(scene) {
      await (await forwarderAt(side, scene)).end()
    },
  }
  return [...restarts, dies]
})

async function forwarderAt(
  side: (typeof sides)[number]["side"],
  scene: Scene,
): Promise<LabProcess> {
  const forwarders = await scene.forwarders(await scene.remoteClient())
  const forwarder = side === "client" ? forwarders.at(0) : forwarders.at(-1)
  if (!forwarder) throw new Error(`no forwarder at the ${side}`)
  return forwarder
}
