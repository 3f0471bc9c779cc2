import type { Problem } from "./problem.ts"
import type { Topology } from "./topology.ts"

/**
 * What a schema cannot say: names are unique, workloads stand on nodes that exist, and chains have
 * rules.
 */
export function contradictions(topology: Topology): readonly Problem[] {
  return [...misplaced(topology), ...unruled(topology)]
}

/** Without rules a service would lead from a link of its chain to that link. */
function unruled({ services, passthroughs }: Topology): readonly Problem[] {
  const ruled = new Set(services.map(({ name }) => name))
  return passthroughs.flatMap((passthrough, index) =>
    passthrough.services.flatMap((name, at) =>
      ruled.has(name)
        ? []
        : [
            {
              path: ["passthroughs", `${index}`, "services", `${at}`],
              what: `"${name}" needs match rules that lead on from here; describe it under services`,
            },
          ],
    ),
  )
}

function misplaced(topology: Topology): readonly Problem[] {
  const seen = new Set<string>()
  const nodes = topology.nodes.map((node) => node.name)
  const lists = ["nodes", "endpoints", "passthroughs", "clients"] as const
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
