import type { Part, PartKind } from "../parts/part.ts"
import { type Fault, oneOf, type Scene } from "./fault.ts"

/** Kills parts; they are started again when the fault ends. */
function crashing(parts: readonly Part[]): () => void {
  for (const part of parts) part.crash()
  return () => {
    for (const part of parts) part.start()
  }
}

function crashOf(kind: PartKind, weight: number, choose: (scene: Scene) => readonly Part[]): Fault {
  return {
    ...{ name: `${kind} crashes`, weight, longestMs: 20_000 },
    strike(scene) {
      const up = choose(scene).filter(({ isUp }) => isUp)
      const part = oneOf(up, scene.random)
      return part && crashing([part])
    },
  }
}

/** One part dies, and comes back. */
export const crashes: readonly Fault[] = [
  crashOf("registry", 3, ({ mesh }) => [mesh.registry]),
  crashOf("manager", 4, ({ mesh }) => mesh.managers),
  crashOf("forwarder", 4, ({ mesh }) => mesh.forwarders),
  crashOf("endpoint", 4, ({ mesh }) => mesh.endpoints),
  crashOf("client", 3, ({ mesh }) => mesh.clients.filter(({ wires }) => !wires[0]?.endedAt)),
  {
    ...{ name: "registry and a manager crash", weight: 1, longestMs: 15_000 },
    strike({ mesh, random }) {
      const manager = oneOf(mesh.managers, random)
      return crashing([mesh.registry, ...(manager ? [manager] : [])].filter(({ isUp }) => isUp))
    },
  },
  {
    ...{ name: "everything but the clients crashes", weight: 1, longestMs: 15_000 },
    strike: ({ mesh }) => crashing(mesh.parts.filter(({ isUp }) => isUp)),
  },
  {
    ...{ name: "a whole node crashes", weight: 1, longestMs: 15_000 },
    strike({ mesh, random }) {
      const node = oneOf(mesh.nodes, random)
      return crashing(mesh.parts.filter(({ host, isUp }) => isUp && host === node))
    },
  },
]
