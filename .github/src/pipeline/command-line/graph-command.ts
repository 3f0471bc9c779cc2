import { readWorkspaces } from "../../workspaces.ts"
import { graphOf } from "../graph.ts"
import { graphSvg, graphText } from "../picture.ts"
import type { CommandKit } from "./command-kit.ts"

/** Adds the command that prints the graph of the checkout's packages. */
export function graphCommand({ command, json, print, root }: CommandKit): void {
  command("graph", "print which package is built on which", ["text", "json", "svg"]).action(
    ({ output }: { output: string }) => {
      const graph = graphOf(readWorkspaces(root))
      if (output === "json") json({ packages: graph })
      else print((output === "svg" ? graphSvg(graph) : graphText(graph)).trimEnd())
    },
  )
}
