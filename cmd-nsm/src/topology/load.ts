import { existsSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { dirname, resolve } from "node:path"
import { NsmError } from "@nsm/sdk"
import { demoTopology } from "./demo.ts"
import { parseTopology } from "./parse.ts"
import type { Endpoint, Topology } from "./topology.ts"

/** The topology in a file, `-` for standard input, or the one of the demo. */
export async function loadTopology(file: string | undefined): Promise<Topology> {
  if (file === undefined) return { ...demoTopology, name: "default" }
  const text = await readFile(file === "-" ? "/dev/stdin" : file, "utf8").catch(
    (cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new NsmError("INVALID_CONFIGURATION", `the topology file cannot be read: ${why}`, {
        cause,
        remedy: "Name one with -f, or leave -f out to get what the demo shows.",
      })
    },
  )
  const topology = parseTopology(text, file)
  const folder = file === "-" ? "." : dirname(file)
  const endpoints = topology.endpoints.map((endpoint) => withProgram(endpoint, folder))
  return { ...topology, endpoints }
}

/** The playground runs elsewhere: it needs the program's whole path. */
export function withProgram<T extends Pick<Endpoint, "name" | "program">>(
  endpoint: T,
  folder: string,
): T {
  if (endpoint.program === undefined) return endpoint
  const program = resolve(folder, endpoint.program)
  if (existsSync(program)) return { ...endpoint, program }
  const text = `the program of ${endpoint.name} is not there: ${program}`
  throw new NsmError("INVALID_CONFIGURATION", text, {
    remedy: "Correct its path, which is seen from the topology's file, or from here with nsm add.",
  })
}
