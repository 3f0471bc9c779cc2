import { existsSync, realpathSync } from "node:fs"
import { findPackageJSON } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { NsmError } from "@nsm/sdk"

/** The programs of the suite, by the folder of their package. */
export type Program =
  | "cmd-authority"
  | "cmd-forwarder-kernel"
  | "cmd-nsc"
  | "cmd-nse-icmp-responder"
  | "cmd-nse-passthrough"
  | "cmd-nse-supplier"
  | "cmd-nsm"
  | "cmd-nsmgr"
  | "cmd-registry-memory"

const isSource = import.meta.url.endsWith(".ts")

/** What Node needs to run a file beside this one in the form in which this one runs. */
export const nodeOptions: readonly string[] = isSource ? ["--conditions=source"] : []

/**
 * The file that starts a program: always the build, because that is what users run. It is found where this
 * package finds its dependencies, be they folders beside it or installed.
 */
export function programFile(program: Program): string {
  const manifest = findPackageJSON(`@nsm/${program}`, import.meta.url)
  const path = join(dirname(manifest ?? "."), "dist", `${program.slice("cmd-".length)}.js`)
  if (existsSync(path)) return realpathSync(path)
  throw new NsmError("INVALID_CONFIGURATION", `${path} is missing; make it with: npm run build`)
}

/** A file beside the one that asks, which must end as that one does. */
export function besideFile(name: string, base: string): string {
  return fileURLToPath(new URL(`${name}${isSource ? ".ts" : ".js"}`, base))
}

/** The file that starts the kernel's forwarder without its data plane: it grants wires and makes none. */
export const nullForwarderFile = besideFile("../bench/null-forwarder", import.meta.url)
