import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { readWorkspaces } from "../workspaces.ts"
import { alone } from "./alone/check-alone.ts"
import { clone, type StepOptions } from "./clone.ts"
import type { BareForge } from "./forge/bare-forge.ts"
import type { Findings } from "./forge/findings.ts"
import type { Forge } from "./forge/forge.ts"
import { graphOf } from "./graph.ts"
import { PipelineError } from "./pipeline-error.ts"

/** What the checks of an update found. */
export interface CheckedUpdate extends Findings {
  readonly branch: string
}

/**
 * Checks the dependents of all open updates alone and keeps the verdicts, where the forge has
 * nobody else who does. What has a verdict is not checked again.
 */
export async function check(
  options: StepOptions & { readonly timeoutMs?: number },
): Promise<readonly CheckedUpdate[]> {
  const { forge, signal, timeoutMs } = options
  if (!canBeTold(forge)) {
    throw new PipelineError("FORGE_UNKNOWN", `${forge.url} has checks of its own`)
  }
  await using copy = await clone(options)
  const graph = graphOf(readWorkspaces(copy.folder))
  const work = await mkdtemp(join(tmpdir(), "nsm-alone-"))
  try {
    const packages = alone({ copy, graph, work, signal, timeoutMs })
    const done: CheckedUpdate[] = []
    for (const { branch, commit } of await forge.proposals()) {
      if ((await forge.verdict(commit)) !== "none") continue
      const [, slug] = branch.split("/")
      const folder = graph.find((one) => one.folder.replace(/^\./, "dot-") === slug)?.folder ?? ""
      const findings = await packages.check(folder, commit)
      await forge.judge(commit, findings)
      done.push({ branch, ...findings })
    }
    return done
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

function canBeTold(forge: Forge): forge is BareForge {
  return "judge" in forge
}
