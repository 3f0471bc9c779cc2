import { fileURLToPath } from "node:url"

/** The programs of the suite, by the folder of their package. */
export type Program =
  | "cmd-forwarder-kernel"
  | "cmd-nsc"
  | "cmd-nse-icmp-responder"
  | "cmd-nsm"
  | "cmd-nsmgr"
  | "cmd-registry-memory"

const isSource = import.meta.url.endsWith(".ts")

/** What Node needs to run a program in the form in which this one runs: sources, or a build. */
export const nodeOptions: readonly string[] = isSource ? ["--conditions=source"] : []

/** The file that starts a program. Sources start sources, builds start bundles. */
export function programFile(program: Program): string {
  const built = program === "cmd-nsm" ? "main" : program.slice("cmd-".length)
  const file = isSource ? "src/main.ts" : `dist/${built}.js`
  return fileURLToPath(new URL(`../../../${program}/${file}`, import.meta.url))
}

/** A file beside the one that asks, which must end as that one does. */
export function besideFile(name: string, base: string): string {
  return fileURLToPath(new URL(`${name}${isSource ? ".ts" : ".js"}`, base))
}
