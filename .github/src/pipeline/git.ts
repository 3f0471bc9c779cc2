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
  if (/stale info|fetch first|non-fast-forward|cannot lock ref|already exists\)/.test(said)) {
    return "BRANCH_MOVED"
  }
  if (/\[(remote )?rejected\]|pre-receive hook declined|permission denied/i.test(said)) {
    return "PUSH_REFUSED"
  }
  return /Could not (read from|resolve)|unable to access|does not appear to be/.test(said)
    ? "FORGE_UNREACHABLE"
    : "GIT_FAILED"
}
