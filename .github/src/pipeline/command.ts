import { execa } from "execa"
import { PipelineError } from "./pipeline-error.ts"
import type { Reason } from "./reasons.ts"
import { withoutSecrets } from "./without-secrets.ts"

/** How a command is run. */
export interface CommandOptions {
  readonly cwd?: string
  readonly input?: string
  /** Further environment; undefined takes away. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Ends the command. */
  readonly signal?: AbortSignal | undefined
  /** After this long a command is ended. @default 120000 */
  readonly timeoutMs?: number
  /** Exit codes that are answers, not failures. @default [0] */
  readonly answers?: readonly number[]
  /** How many of the last lines an error repeats. @default 20 */
  readonly lines?: number
  /** Finds the reason in what a failed command said. */
  readonly reasonOf?: (said: string) => Reason
}

/** What a command answered. */
export interface Answer {
  readonly code: number
  readonly text: string
}

/** Runs a command to its end, without a terminal. */
export async function run(
  name: string,
  args: readonly string[],
  options: CommandOptions & { readonly reasonOf: (said: string) => Reason },
): Promise<Answer> {
  const {
    cwd,
    input = "",
    env = {},
    signal,
    timeoutMs = 120_000,
    answers = [0],
    lines = 20,
    reasonOf,
  } = options
  const result = await execa(name, args, {
    ...(cwd !== undefined && { cwd }),
    ...(signal && { cancelSignal: signal }),
    env,
    input,
    timeout: timeoutMs,
    // npm starts scripts, and these start more; whatever still runs would keep its output open.
    killDescendants: true,
    reject: false,
    all: true,
    stripFinalNewline: false,
  })
  const what = withoutSecrets(`${name} ${args.join(" ")}`)
  if (result.isCanceled) throw new PipelineError("INTERRUPTED", what)
  const said = withoutSecrets(result.all?.trim() ?? "")
  const last = said.split("\n").slice(-lines).join("\n")
  if (result.timedOut) {
    const until = last === "" ? ", and not a word" : `; the last it said: ${last}`
    throw new PipelineError("TIMED_OUT", `${what}: no end after ${timeoutMs / 1000} s${until}`)
  }
  if (result.code === "ENOENT") {
    throw new PipelineError("COMMAND_MISSING", `${name} cannot be run${cwd ? ` in ${cwd}` : ""}`)
  }
  const code = result.exitCode ?? -1
  if (answers.includes(code)) return { code, text: result.stdout }
  throw new PipelineError(reasonOf(said), `${what}: ${last || "ended without a word"}`)
}
