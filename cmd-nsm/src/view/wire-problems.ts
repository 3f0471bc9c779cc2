import { missingWire } from "../commands/missing-wires.ts"
import type { WireStatus } from "../playground/status.ts"
import { led, remedy } from "./error.ts"

/** Why wires are missing, each with all that led to it and what to do; empty when all is well. */
export function wireProblems(wires: readonly WireStatus[]): string {
  return wires
    .filter(({ state }) => state !== "up")
    .map(missingWire)
    .map((error) => [error.text, ...led(error, "  "), `  what to do: ${remedy(error)}`].join("\n"))
    .join("\n\n")
}
