import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { CommandOptions } from "../command.ts"
import { git } from "../git.ts"
import { nobodysSettings } from "./settings.ts"

/** A repository for a while, which nobody's own settings change. */
export interface Scratch extends AsyncDisposable {
  readonly folder: string
  readonly git: (
    args: readonly string[],
    options?: Pick<CommandOptions, "input" | "env">,
  ) => Promise<string>
}

/** Fetches what is checked out in a repository; it is `HEAD` here, too. */
export async function scratch(from: string, signal?: AbortSignal): Promise<Scratch> {
  const folder = await mkdtemp(join(tmpdir(), "nsm-join-"))
  const inside: Scratch["git"] = (args, options = {}) =>
    git(folder, args, { ...options, env: { ...nobodysSettings, ...options.env }, signal })
  const made = {
    folder,
    git: inside,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
  try {
    await inside(["init", "--quiet"])
    // With the caller's settings, which say how to get there.
    await git(folder, ["fetch", "--quiet", "--no-tags", "--", from, "HEAD"], { signal })
    await inside(["checkout", "--quiet", "--detach", "FETCH_HEAD"])
    return made
  } catch (error) {
    await made[Symbol.asyncDispose]()
    throw error
  }
}
