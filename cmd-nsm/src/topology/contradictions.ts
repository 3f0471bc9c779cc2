import type { Problem } from "./problem.ts"
import type { Topology } from "./topology.ts"

/** What a schema cannot say: names are unique, and workloads stand on nodes that exist. */
export function contradictions(topology: Topology): readonly Problem[] {
  const seen = new Set<string>()
  const nodes = topology.nodes.map((node) => node.name)
  const lists = ["nodes", "endpoints", "clients"] as const
  return lists.flatMap((list) =>
    topology[list].flatMap((item, index) => {
      const problems: Problem[] = []
      if (seen.has(item.name)) {
        const what = `the name "${item.name}" is taken; choose another`
        problems.push({ path: [list, `${index}`, "name"], what })
      }
      seen.add(item.name)
      if ("node" in item && !nodes.includes(item.node)) {
        const what = `no node is called "${item.node}"; there are: ${nodes.join(", ")}`
        problems.push({ path: [list, `${index}`, "node"], what })
      }
      return problems
    }),
  )
}
