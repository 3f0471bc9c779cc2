import { constants } from "node:crypto"
import { createSecureContext, type SecureContext } from "node:tls"
import type { Clock } from "../core/clock.ts"
import { NsmError } from "../core/errors.ts"
import type { Identity, IdentitySource } from "./identity.ts"

/** The identity of this process, and what OpenSSL makes of it. */
export interface OwnContext {
  readonly identity: Identity
  readonly context: SecureContext
}

/** What to begin a handshake with, made once per identity; fails with IDENTITY_MISSING without one. */
export function ownContexts(source: IdentitySource, clock: Clock): () => OwnContext {
  const contexts = new WeakMap<Identity, SecureContext>()
  return () => {
    const identity = source.current
    const { id, expiresAt } = identity.svid
    if (clock.now() >= expiresAt) {
      const expiry = new Date(expiresAt).toISOString()
      throw new NsmError("IDENTITY_MISSING", `the certificate of ${id} expired at ${expiry}`)
    }
    const context = contexts.get(identity) ?? secureContext(identity)
    contexts.set(identity, context)
    return { identity, context }
  }
}

function secureContext({ svid, bundles }: Identity): SecureContext {
  try {
    return createSecureContext({
      cert: svid.certificates.map(String).join(""),
      key: svid.privateKey.export({ type: "pkcs8", format: "pem" }),
      // OpenSSL checks what Node's certificates do not tell: path lengths, name constraints, usage.
      // That a chain leads to a root of its own domain is up to `verifyChain`.
      ca: [...bundles.values()].flat().map(String),
      allowPartialTrustChain: true,
      minVersion: "TLSv1.2",
      // Nothing is resumed: each connection shows the certificates that are current.
      secureOptions: constants.SSL_OP_NO_TICKET,
    })
  } catch (cause) {
    throw new NsmError(
      "IDENTITY_INVALID",
      `the certificate and the key of ${svid.id} do not go together: ${(cause as Error).message}`,
      { cause },
    )
  }
}
