import { NsmError } from "../core/errors.ts"
import type { Reason } from "../core/reasons.ts"

/** What Node's error codes of sockets and files mean here. */
const meanings: Readonly<Record<string, Reason>> = {
  EADDRINUSE: "ADDRESS_IN_USE",
  EADDRNOTAVAIL: "INVALID_URL",
  EEXIST: "INVALID_URL",
  ENAMETOOLONG: "INVALID_URL",
  ENOTDIR: "INVALID_URL",
  EISDIR: "INVALID_URL",
  ENOTFOUND: "PEER_UNREACHABLE",
  EAI_AGAIN: "PEER_UNREACHABLE",
  ECONNREFUSED: "PEER_UNREACHABLE",
  ECONNRESET: "PEER_UNREACHABLE",
  EHOSTUNREACH: "PEER_UNREACHABLE",
  EHOSTDOWN: "PEER_UNREACHABLE",
  ENETUNREACH: "PEER_UNREACHABLE",
  ENETDOWN: "PEER_UNREACHABLE",
  ENOENT: "PEER_UNREACHABLE",
  EPIPE: "PEER_UNREACHABLE",
  ETIMEDOUT: "PEER_UNREACHABLE",
  EACCES: "PERMISSION_DENIED",
  EPERM: "PERMISSION_DENIED",
  EROFS: "PERMISSION_DENIED",
}

/** Node's name for what went wrong, `ECONNREFUSED`, when it is an error of that kind. */
export function errno(thrown: unknown): string | undefined {
  const code = thrown instanceof Error ? (thrown as NodeJS.ErrnoException).code : undefined
  return typeof code === "string" ? code : undefined
}

/** Turns what Node threw while `doing` something at a URL into a coded error that names both. */
export function fromNode(thrown: unknown, doing: string): NsmError {
  if (thrown instanceof NsmError) return thrown
  const reason = meanings[errno(thrown) ?? ""] ?? "INTERNAL"
  return new NsmError(reason, `${doing}: ${text(thrown)}`, { cause: thrown })
}

/** An address with several records fails with all of their errors, and no text of its own. */
function text(thrown: unknown): string {
  if (thrown instanceof AggregateError) return thrown.errors.map(text).join(", ")
  return thrown instanceof Error ? thrown.message : String(thrown)
}
