import { existsSync } from "node:fs"
import { join } from "node:path"
import { bareForge } from "../forge/bare-forge.ts"
import type { Forge } from "../forge/forge.ts"
import { gitHubForge } from "../forge/github-forge.ts"
import { git } from "../git.ts"
import { PipelineError } from "../pipeline-error.ts"
import { requireClean } from "../split/clean.ts"
import { withoutSecrets } from "../without-secrets.ts"

/** The forge that is named, or that the checkout at the root came from. */
export async function meantForge(named: string | undefined, root: string): Promise<Forge> {
  const url = named ?? (await git(root, ["remote", "get-url", "origin"]).catch(() => ""))
  const hub =
    /^(?:github:|(?:https|ssh):\/\/(?:[^@/]+@)?github\.com\/|git@github\.com:)([\w.-]+\/[\w.-]+?)(?:\.git)?$/
  const [, repository] = hub.exec(url) ?? []
  if (repository !== undefined) return gitHubForge({ repository })
  if (url !== "" && existsSync(join(url, "HEAD"))) return bareForge({ path: url })
  const what = url === "" ? "no remote origin, so neither" : `${withoutSecrets(url)} is neither`
  throw new PipelineError("FORGE_UNKNOWN", `${what} a bare repository nor one on GitHub`)
}

/**
 * The same, for what changes it. Where no forge is named, what lies in the checkout is thought to
 * be in it; what is not committed would be left out without a word.
 */
export async function meantForgeToChange(named: string | undefined, root: string): Promise<Forge> {
  const forge = await meantForge(named, root)
  if (named === undefined) await requireClean(root)
  return forge
}
