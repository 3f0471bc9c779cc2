import { namespaceUrl } from "../parts/places.ts"
import { type Fault, oneOf } from "./fault.ts"

/** What befalls wires and workloads, while the control plane is well. */
export const dataPlaneFaults: readonly Fault[] = [
  {
    ...{ name: "an interface is deleted by hand", weight: 3, longestMs: 0 },
    strike({ world: { kernel, trace }, random }) {
      const one = oneOf(kernel.interfaces, random)
      if (!one) return undefined
      trace.add("somebody", `deletes ${one.name} (${one.alias})`)
      kernel.delete(one)
      return undefined
    },
  },
  {
    ...{ name: "an endpoint hangs", weight: 2, longestMs: 20_000 },
    strike({ world: { kernel, trace }, mesh, random }) {
      const name = oneOf(mesh.endpoints, random)?.name ?? ""
      const namespace = kernel.find(namespaceUrl(name))
      if (!namespace) return undefined
      trace.add(name, "hangs")
      namespace.isHung = true
      return () => {
        namespace.isHung = false
        trace.add(name, "hangs no more")
      }
    },
  },
  {
    ...{ name: "the disk of an endpoint is slow", weight: 1, longestMs: 60_000 },
    strike({ world, mesh, random }) {
      const disk = world.disk(oneOf(mesh.endpoints, random)?.name ?? "")
      const { delayMs } = disk
      disk.delayMs = 100 + random.integer(5000)
      return () => void (disk.delayMs = delayMs)
    },
  },
  {
    ...{ name: "an endpoint is replaced", weight: 2, longestMs: 20_000 },
    strike({ world: { kernel, trace }, mesh, random }) {
      const part = oneOf(
        mesh.endpoints.filter(({ isUp }) => isUp),
        random,
      )
      if (!part) return undefined
      const url = namespaceUrl(part.name)
      const moves = random.integer(2) === 0
      part.crash()
      kernel.destroy(url)
      trace.add(part.name, moves ? "goes to another node" : "is replaced")
      if (moves) part.host = oneOf(mesh.nodes, random) ?? part.host
      kernel.create(url, part.host)
      return () => part.start()
    },
  },
]
