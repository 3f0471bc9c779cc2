import { execFile } from "node:child_process"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { environmentAlone } from "@nsm/dot-github"
import { parse } from "yaml"

/** What became of a command of a workflow. */
export interface CommandRun {
  readonly command: string
  readonly ms: number
  /** What it said, if it failed. */
  readonly failed?: string
}

/** The commands of a repository's workflow, in their order. */
export async function workflowCommands(repository: string): Promise<readonly string[]> {
  const text = await readFile(join(repository, ".github/workflows/ci.yaml"), "utf8")
  const { jobs } = parse(text) as Workflow
  return Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run = [] }) => run))
}

interface Workflow {
  readonly jobs: Readonly<Record<string, { readonly steps: readonly { readonly run?: string }[] }>>
}

/** Runs commands in a repository as GitHub does, without a network, until one fails. */
export async function runCommands(
  cwd: string,
  commands: readonly string[],
): Promise<readonly CommandRun[]> {
  const bin = await mkdtemp(join(tmpdir(), "nsm-bin-"))
  try {
    // Who runs this has the rights already, and may have no sudo.
    const sudo = '#!/bin/sh\nwhile [ "${1#-}" != "$1" ]; do shift; done\nexec "$@"\n'
    await writeFile(join(bin, "sudo"), sudo, { mode: 0o755 })
    const alone = environmentAlone()
    const PATH = `${bin}:${alone["PATH"]}`
    const env = { ...process.env, ...alone, PATH, npm_config_offline: "true" }
    const runs: CommandRun[] = []
    for (const command of commands) {
      const begin = performance.now()
      const failed = await run(command, { cwd, env })
      const ms = Math.round(performance.now() - begin)
      runs.push({ command, ms, ...(failed !== undefined && { failed }) })
      if (failed !== undefined) break
    }
    return runs
  } finally {
    await rm(bin, { recursive: true })
  }
}

const start = promisify(execFile)

/** @returns What the command said, if it failed. */
async function run(
  command: string,
  options: { cwd: string; env: Readonly<Record<string, string | undefined>> },
): Promise<string | undefined> {
  try {
    const limits = { timeout: 600_000, maxBuffer: 64 * 1024 * 1024 }
    await start("bash", ["-eo", "pipefail", "-c", command], { ...options, ...limits })
    return undefined
  } catch (error) {
    const { stdout = "", stderr = "", message } = error as Error & Partial<Output>
    return `${stdout}${stderr}`.split("\n").slice(-60).join("\n") || message
  }
}

interface Output {
  readonly stdout: string
  readonly stderr: string
}
