import type { NsmError } from "@nsm/sdk"

/** What the program's exit status says. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  unreachable: 3,
  denied: 4,
  timedOut: 5,
  interrupted: 130,
} as const

/** The same in words, for help and reference. */
export const exitMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  ok: "done",
  failed: "failed",
  usage: "wrong usage or file",
  unreachable: "nothing answers",
  denied: "not allowed",
  timedOut: "timed out",
  interrupted: "interrupted",
}

/** The exit status for an error. */
export function exitCode({ code }: Pick<NsmError, "code">): number {
  switch (code) {
    case "INVALID_ARGUMENT":
      return exitCodes.usage
    case "UNAVAILABLE":
      return exitCodes.unreachable
    case "PERMISSION_DENIED":
      return exitCodes.denied
    case "DEADLINE_EXCEEDED":
      return exitCodes.timedOut
    default:
      return exitCodes.failed
  }
}
