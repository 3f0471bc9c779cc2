import { Ajv, type ErrorObject } from "ajv"
import { contradictions } from "./contradictions.ts"
import { nameForm } from "./name.ts"
import type { Problem } from "./problem.ts"
import { schema } from "./schema.ts"
import type { Topology } from "./topology.ts"
import { unreadableValues } from "./values.ts"

/** Checks a topology and fills in its defaults in place. Answers everything that is wrong with it. */
export function checkTopology(value: unknown): readonly Problem[] {
  // Compiled only here: most commands read no topology, and start without it sooner.
  const validate = new Ajv({ allErrors: true, useDefaults: true }).compile<Topology>(schema)
  const isValid = validate(value)
  const errors = validate.errors ?? []
  // A field too many hides nothing of the rest.
  if (!isValid && !errors.every(({ keyword }) => keyword === "additionalProperties")) {
    return errors.map(described)
  }
  const topology = value as Topology
  return [...errors.map(described), ...contradictions(topology), ...unreadableValues(topology)]
}

function described(error: ErrorObject): Problem {
  const path = error.instancePath.split("/").slice(1)
  const { additionalProperty, missingProperty, allowedValues } = error.params as Record<
    string,
    unknown
  >
  if (typeof additionalProperty === "string") {
    return {
      path: [...path, additionalProperty],
      what: "unknown field; take it out or correct its name",
    }
  }
  if (typeof missingProperty === "string")
    return { path, what: `needs a field "${missingProperty}"` }
  if (Array.isArray(allowedValues)) {
    return { path, what: `must be one of ${allowedValues.join(", ")}` }
  }
  if (error.keyword === "pattern") return { path, what: nameForm }
  return { path, what: error.message ?? "is wrong" }
}
