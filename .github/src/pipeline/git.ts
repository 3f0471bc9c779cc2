import { type CommandOptions, run, type Answer } from "./command.ts"
import type { Reason } from "./reasons.ts"

/** Runs git and gives what it prints, without the end of the last line. */
export async function git(
  cwd: string,
  args: readonly string[],
  options: Omit<CommandOptions, "cwd"> = {},
): Promise<string> {
  return (await askGit(cwd, args, options)).text.replace(/\n$/, "")
}

/** Runs git where its exit code is part of the answer. */
export async function askGit(
  cwd: string,
  args: readonly string[],
  options: Omit<CommandOptions, "cwd"> = {},
): Promise<Answer> {
  // What is asked for on a terminal would never be answered; messages are looked at below.
  const env = { GIT_TERMINAL_PROMPT: "0", LC_ALL: "C", ...options.env }
  return run("git", args, { reasonOf, ...options, cwd, env })
}

function reasonOf(said: string): Reason {
  return signs.find(({ sign }) => sign.test(said))?.reason ?? "GIT_FAILED"
}

/** What git says, the most certain first: a refusal also ends the connection. */
const signs: readonly { readonly sign: RegExp; readonly reason: Reason }[] = [
  {
    sign: /stale info|fetch first|non-fast-forward|cannot lock ref|already exists\)/,
    reason: "BRANCH_MOVED",
  },
  {
    sign: /\[(remote )?rejected\]|pre-receive hook declined|permission denied/i,
    reason: "PUSH_REFUSED",
  },
  {
    sign: /could not (read from|resolve)|unable to (access|connect)|does not appear to be|hung up|disconnect|early EOF/i,
    reason: "FORGE_UNREACHABLE",
  },
]
