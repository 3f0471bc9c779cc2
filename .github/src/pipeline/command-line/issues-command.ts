import type { Issue } from "../forge/issue.ts"
import type { CommandKit } from "./command-kit.ts"
import { withForge } from "./forge-option.ts"
import { meantForge } from "./meant-forge.ts"

/** Adds the command that prints what upstreams have been told; a bare repository has no page for it. */
export function issuesCommand({ command, json, print, root }: CommandKit): void {
  withForge(
    command("issues", "print the open issues about releases that broke others", ["text", "json"]),
  ).action(async ({ output, forge }: { output: string; forge?: string }) => {
    const issues = await (await meantForge(forge, root)).issues()
    if (output === "json") json({ issues })
    else print(issues.length === 0 ? "No issue is open." : issues.map(issueText).join("\n\n"))
  })
}

function issueText({ folder, title, text }: Issue): string {
  return `# ${folder}: ${title}\n\n${text}`
}
