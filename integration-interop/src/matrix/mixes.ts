import type { Side } from "../lab/member.ts"
import { allOn, type Part, parts, type Sides } from "../lab/mesh.ts"

/** A mesh of one side, but for one part, which may be the client. */
export interface Mix {
  readonly title: string
  readonly sides: Sides
  /** Side of the clients. */
  readonly client: Side
}

const names: Readonly<Record<Part | "nsc", string>> = {
  registry: "registry",
  nsmgr: "manager",
  forwarder: "forwarder",
  nse: "endpoint",
  nsc: "client",
}

/** Both sides unmixed, then every part swapped in each. */
export const mixes: readonly Mix[] = [
  { title: "all ours", sides: allOn("ours"), client: "ours" },
  { title: "all Go", sides: allOn("go"), client: "go" },
  ...(["nsc", ...parts] as const).flatMap((part) => [
    { title: `ours with a Go ${names[part]}`, ...swapped("ours", "go", part) },
    { title: `Go with our ${names[part]}`, ...swapped("go", "ours", part) },
  ]),
]

function swapped(side: Side, other: Side, part: Part | "nsc"): Pick<Mix, "sides" | "client"> {
  if (part === "nsc") return { sides: allOn(side), client: other }
  return { sides: allOn(side, { [part]: other }), client: side }
}
