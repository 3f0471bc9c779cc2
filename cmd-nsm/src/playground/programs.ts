import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { NsmError } from "@nsm/sdk"
import { isSource, ownFolder } from "../own-folder.ts"

/** The programs that a playground starts, by the folder of their package. */
export type Program =
  | "cmd-authority"
  | "cmd-registry-memory"
  | "cmd-nsmgr"
  | "cmd-forwarder-kernel"
  | "cmd-nsc"
  | "cmd-nse-icmp-responder"
  | "cmd-nse-passthrough"
  | "cmd-nse-supplier"

/**
 * The file to start for a program. Packages of the suite lie side by side, in the repository as in
 * node_modules, so no dependency on them is needed. Sources run sources, builds run bundles.
 */
export function programFile(program: Program): string {
  const file = isSource ? "src/main.ts" : `dist/${program.slice("cmd-".length)}.js`
  const path = fileURLToPath(new URL(`../${program}/${file}`, ownFolder))
  if (!existsSync(path)) {
    throw new NsmError(
      "INVALID_CONFIGURATION",
      `the program ${program} is not installed: ${path} is missing; build it with: npm run build`,
    )
  }
  return path
}
