import type { NsmError } from "@nsm/sdk"

/** What the program's exit status says. */
export const exitCodes = {
  ok: 0,
  /** Something that was checked or tried failed. */
  failed: 1,
  /** The command line or a file is wrong. */
  usage: 2,
  /** The mesh or the playground does not answer. */
  unreachable: 3,
  /** The kernel or a policy does not allow it. */
  denied: 4,
  timedOut: 5,
  /** By Ctrl-C. */
  interrupted: 130,
} as const

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
