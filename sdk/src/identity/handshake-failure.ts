import { NsmError } from "../core/errors.ts"
import type { Reason } from "../core/reasons.ts"
import { errno } from "../transport/node-error.ts"
import type { X509Svid } from "./identity.ts"

/** How OpenSSL names what ended a handshake, where that says more than that it failed. */
const meanings: Readonly<Record<string, readonly [reason: Reason, text: string]>> = {
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: ["PEER_NOT_TRUSTED", "the peer showed no certificate"],
  ERR_SSL_WRONG_VERSION_NUMBER: [
    "PEER_NOT_TRUSTED",
    "the peer does not speak TLS, so it shows no certificate",
  ],
  ERR_SSL_PACKET_LENGTH_TOO_LONG: [
    "PEER_NOT_TRUSTED",
    "the peer does not speak TLS, so it shows no certificate",
  ],
  ERR_SSL_HTTP_REQUEST: [
    "PEER_NOT_TRUSTED",
    "the peer does not speak TLS, so it shows no certificate",
  ],
  ERR_SSL_UNSUPPORTED_PROTOCOL: ["UNIMPLEMENTED", "the peer speaks no TLS of version 1.2 or later"],
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: [
    "UNIMPLEMENTED",
    "the peer speaks no TLS of version 1.2 or later",
  ],
  ERR_SSL_NO_APPLICATION_PROTOCOL: ["UNIMPLEMENTED", withoutHttp2()],
  ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: ["UNIMPLEMENTED", withoutHttp2()],
}

/** The peer speaks TLS, but for something else than gRPC. */
export function withoutHttp2(): string {
  return "the peer speaks TLS, but not HTTP/2 in it (ALPN h2), so it does not speak gRPC"
}

/** Why a handshake failed; `own` is what this side showed or would have shown. */
export function handshakeFailure(cause: Error | undefined, own: X509Svid): NsmError {
  const code = errno(cause) ?? ""
  const [reason, text] = meanings[code] ?? []
  if (reason && text) return new NsmError(reason, text, { cause })
  if (alertOf(code) !== undefined) return refusal(cause, own)
  if (code.startsWith("ERR_SSL_"))
    return new NsmError("PEER_NOT_TRUSTED", "the TLS handshake failed", { cause })
  return new NsmError("PEER_UNREACHABLE", "the connection was lost during the TLS handshake", {
    ...(cause && { cause }),
  })
}

/** What a peer means that ends the connection as soon as it knows who this process is. */
export function refusal(cause: Error | undefined, { id, expiresAt }: X509Svid): NsmError {
  const alert = alertOf(errno(cause) ?? "")
  const how = alert === undefined ? "closed the connection" : `said "${alert}"`
  return new NsmError(
    "REFUSED_BY_PEER",
    `the peer ${how} when it saw the certificate of ${id}, which is valid until ${new Date(expiresAt).toISOString()}`,
    {
      remedy:
        "See the peer's log; join the trust domains, and compare the clocks of both machines.",
      ...(cause && { cause }),
    },
  )
}

/** What the other side said, `bad certificate`, in the codes that Node makes of alerts. */
function alertOf(code: string): string | undefined {
  const { alert } = /^ERR_SSL_.*_ALERT_(?<alert>\w+)$/.exec(code)?.groups ?? {}
  return alert?.replaceAll("_", " ").toLowerCase()
}
