import { readFileSync } from "node:fs"
import { join } from "node:path"

/** What the Containerfile of a command says about it. */
export interface Recipe {
  /** The image on which it stands. */
  readonly base: string
  /** What goes where, in order. */
  readonly copies: readonly string[]
  readonly entrypoint: readonly string[]
  /** Whoever runs it, by numbers. */
  readonly user: string
  /** What it needs of the kernel, as the label says. */
  readonly capabilities: readonly string[]
}

/** What puts a shell into an image. */
export const shellCopy = "--from=shell . /"

/** The label that names the capabilities without which a program cannot do its work. */
export const capabilitiesLabel = "nsm.capabilities"

/** Reads the Containerfile of a package. */
export function readRecipe(path: string): Recipe {
  return parseRecipe(readFileSync(join(path, "Containerfile"), "utf8"))
}

/** Reads the few things that Containerfiles of commands say. */
export function parseRecipe(text: string): Recipe {
  const lines = (form: string): readonly string[] =>
    [...text.matchAll(new RegExp(`^${form}$`, "gm"))].map(([, said = ""]) => said)
  const said = (form: string): string => lines(form).join("\n")
  return {
    base: said("FROM (\\S+)"),
    copies: lines("COPY (.+)"),
    entrypoint: [...said("ENTRYPOINT \\[(.*)\\]").matchAll(/"([^"]*)"/g)].map(
      ([, word = ""]) => word,
    ),
    user: said("USER (\\S+)"),
    capabilities: said(`LABEL ${capabilitiesLabel}="(.*)"`).split(" ").filter(Boolean),
  }
}
