import type { Reason } from "../reasons.ts"

/** What the program's exit status says; the same as that of `nsm`. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  unreachable: 3,
  timedOut: 5,
  interrupted: 130,
} as const

/** The same in words, for help. */
export const exitMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  ok: "done",
  failed: "failed",
  usage: "wrong usage",
  unreachable: "nothing answers",
  timedOut: "timed out",
  interrupted: "interrupted",
}

/** The exit status for an error. */
export function exitCode(reason: Reason | undefined): number {
  switch (reason) {
    case "FORGE_UNKNOWN":
    case "PACKAGE_UNKNOWN":
    case "COMMIT_UNKNOWN":
    case "UPDATE_UNKNOWN":
    case "WAVE_UNKNOWN":
    case "SPLIT_UNKNOWN":
    case "TARGET_TAKEN":
      return exitCodes.usage
    case "FORGE_UNREACHABLE":
    case "REGISTRY_UNREACHABLE":
      return exitCodes.unreachable
    case "TIMED_OUT":
      return exitCodes.timedOut
    case "INTERRUPTED":
      return exitCodes.interrupted
    default:
      return exitCodes.failed
  }
}
