import { isDeepStrictEqual } from "node:util"
import { capabilitiesLabel, parseRecipe, shellCopy } from "../images/containerfile.ts"
import type { Workspace } from "../workspaces.ts"
import { type Check, when } from "./check.ts"
import { read } from "./files.ts"
import { isCommand } from "./kinds.ts"

/** Images of programs are made alike, and nobody is root in them without a word about it. */
export const image: Check = {
  title: "has, if it is a program, a Containerfile of the one form",
  faults: (workspace) =>
    isCommand(workspace.folder)
      ? recipeFaults(workspace).map((fault) => `Containerfile: ${fault}`)
      : [],
}

function recipeFaults({ folder, path, manifest: { bin, files } }: Workspace): readonly string[] {
  const text = read(path, "Containerfile")
  if (text === undefined) return ["missing; look at that of another command"]
  const { base, copies, entrypoint, user, capabilities } = parseRecipe(text)
  const [name = "", program = ""] = Object.entries((bin ?? {}) as Record<string, string>)[0] ?? []
  const wanted = ["node", `/opt/${name}/${program.replace("./", "")}`]
  const rooted = capabilities.length > 0
  return [
    ...when(base !== "localhost/nsm/node", "stand on localhost/nsm/node"),
    ...when(
      copies.filter((copy) => copy !== shellCopy).join() !== `. /opt/${name}/`,
      `COPY . /opt/${name}/, and nothing else but a shell`,
    ),
    ...when(!isDeepStrictEqual(entrypoint, wanted), `ENTRYPOINT must be ${JSON.stringify(wanted)}`),
    ...when(user !== (rooted ? "0:0" : "65532:65532"), whoMayBeRoot),
    ...when(
      !Array.isArray(files) || !files.includes("Containerfile"),
      `"files" in package.json must hold it, for ${folder} alone`,
    ),
  ]
}

const whoMayBeRoot = `USER must be 65532:65532, or 0:0 with the label ${capabilitiesLabel}`
