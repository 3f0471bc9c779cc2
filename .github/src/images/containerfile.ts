import { readFileSync } from "node:fs"
import { join } from "node:path"

/** What the Containerfile of a command says about it. */
export interface Recipe {
  /** The stage of the shared Containerfile on which it stands. */
  readonly base: string
  /** What goes where. */
  readonly copies: string
  readonly entrypoint: readonly string[]
  /** Whoever runs it, by numbers. */
  readonly user: string
  /** What it needs of the kernel, as the label says. */
  readonly capabilities: readonly string[]
}

/** The label that names the capabilities without which a program cannot do its work. */
export const capabilitiesLabel = "nsm.capabilities"

/** Reads the Containerfile of a package. */
export function readRecipe(path: string): Recipe {
  return parseRecipe(readFileSync(join(path, "Containerfile"), "utf8"))
}

/** Reads the few things that Containerfiles of commands say. */
export function parseRecipe(text: string): Recipe {
  const said = (line: string): string => {
    return [...text.matchAll(new RegExp(`^${line}$`, "gm"))].map(([, one]) => one).join("\n")
  }
  return {
    base: said("FROM localhost/nsm/(\\S+)"),
    copies: said("COPY (.+)"),
    entrypoint: [...said("ENTRYPOINT \\[(.*)\\]").matchAll(/"([^"]*)"/g)].map(
      ([, word = ""]) => word,
    ),
    user: said("USER (\\S+)"),
    capabilities: said(`LABEL ${capabilitiesLabel}="(.*)"`).split(" ").filter(Boolean),
  }
}
