import { Ajv, type ErrorObject } from "ajv"
import { schema } from "./schema.ts"
import type { Topology } from "./topology.ts"

/** Something that is wrong in a topology: the way to the field, and what. */
export interface Problem {
  readonly path: readonly string[]
  readonly what: string
}

const validate = new Ajv({ allErrors: true, useDefaults: true }).compile<Topology>(schema)

/** Checks a topology and fills in its defaults in place. Answers everything that is wrong with it. */
export function checkTopology(value: unknown): readonly Problem[] {
  if (!validate(value)) return (validate.errors ?? []).map(described)
  return contradictions(value)
}

function described(error: ErrorObject): Problem {
  const path = error.instancePath.split("/").slice(1)
  const { additionalProperty, allowedValues } = error.params as Record<string, unknown>
  if (typeof additionalProperty === "string") {
    return {
      path: [...path, additionalProperty],
      what: "unknown field; take it out or correct its name",
    }
  }
  if (Array.isArray(allowedValues))
    return { path, what: `must be one of ${allowedValues.join(", ")}` }
  return { path, what: error.message ?? "is wrong" }
}

/** What a schema cannot say: names are unique, and workloads stand on nodes that exist. */
function contradictions(topology: Topology): Problem[] {
  const seen = new Set<string>()
  const nodes = topology.nodes.map((node) => node.name)
  const lists = ["nodes", "endpoints", "clients"] as const
  return lists.flatMap((list) =>
    topology[list].flatMap((item, index) => {
      const problems: Problem[] = []
      if (seen.has(item.name)) {
        problems.push({
          path: [list, `${index}`, "name"],
          what: `the name "${item.name}" is taken; choose another`,
        })
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
