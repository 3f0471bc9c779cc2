import { InvalidArgumentError } from "commander"
import { readWorkspaces } from "../../workspaces.ts"
import { alone } from "../alone/check-alone.ts"
import { workFolder } from "../alone/work-folder.ts"
import { clone, type Clone } from "../clone.ts"
import type { Findings } from "../forge/findings.ts"
import { graphOf, nodeOf } from "../graph.ts"
import { PipelineError } from "../pipeline-error.ts"
import type { CommandKit } from "./command-kit.ts"
import { exitCodes } from "./exit-code.ts"
import { withForge } from "./forge-option.ts"
import { meantForge } from "./meant-forge.ts"
import { table } from "./table.ts"

/** Adds the command that checks one package alone, such as an issue names to show what broke. */
export function aloneCommand({ command, json, print, root, signal }: CommandKit): void {
  withForge(command("alone", "check a package alone, as it is at a commit"))
    .argument("<package>", "the package or its folder")
    .option("--commit <commit>", "a commit, branch or tag", "main")
    .option(
      "--instead <name=commit>",
      "take a package that it gets from a commit, not from its release (repeatable)",
      collected,
      new Map<string, string>(),
    )
    .action(async (name: string, { output, commit, instead, forge }: Options) => {
      await using copy = await clone({ forge: await meantForge(forge, root), signal })
      await using work = await workFolder()
      const graph = graphOf(readWorkspaces(copy.folder))
      const { folder } = nodeOf(graph, name)
      const others = [...instead].map(async ([other, at]) => {
        return [nodeOf(graph, other).name, await meantCommit(copy, at)] as const
      })
      const chosen = { instead: new Map(await Promise.all(others)) }
      const packages = alone({ copy, graph, work: work.folder, signal })
      const findings = await packages.check(folder, await meantCommit(copy, commit), chosen)
      if (output === "json") json({ ...findings })
      else print(text(findings))
      // As a shell sees it, or git bisect.
      if (findings.verdict === "red") process.exitCode = exitCodes.failed
    })
}

interface Options {
  readonly output: string
  readonly commit: string
  readonly instead: ReadonlyMap<string, string>
  readonly forge?: string
}

function collected(text: string, before: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const cut = text.lastIndexOf("=")
  if (cut > 0 && cut < text.length - 1)
    return new Map(before).set(text.slice(0, cut), text.slice(cut + 1))
  throw new InvalidArgumentError("Write it as @nsm/api=1a2b3c4.")
}

/** Branches are known as the forge has them. */
async function meantCommit({ git }: Clone, named: string): Promise<string> {
  const verify = ["rev-parse", "--verify", "--quiet", "--end-of-options"]
  const [found] = await Promise.all(
    [`origin/${named}`, named].map(async (one) =>
      git(...verify, `${one}^{commit}`).catch(() => ""),
    ),
  ).then((all) => all.filter(Boolean))
  if (found !== undefined) return found
  throw new PipelineError("COMMIT_UNKNOWN", `there is no commit, branch or tag ${named}`)
}

function text({ verdict, steps, failed }: Findings): string {
  const rows = steps.map(({ name, ms }) => [name, `${(ms / 1000).toFixed(1)} s`])
  const said = failed ? [`${failed.step} failed\n${failed.log}`] : []
  return [table(["STEP", "TIME"], rows), ...said, verdict].join("\n\n")
}
