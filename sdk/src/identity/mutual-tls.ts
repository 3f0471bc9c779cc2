import type { X509Certificate } from "node:crypto"
import type { Duplex } from "node:stream"
import { connect, TLSSocket } from "node:tls"
import { type Clock, systemClock } from "../core/clock.ts"
import { NsmError } from "../core/errors.ts"
import type { Secured, Security } from "../transport/grpc/security.ts"
import { refusal, withoutHttp2 } from "./handshake-failure.ts"
import type { Identity, IdentitySource } from "./identity.ts"
import { ownContexts } from "./own-context.ts"
import { handshake, type HandshakeOptions } from "./tls-handshake.ts"
import { type Certificates, verifyChain } from "./verify-chain.ts"

/** Who this process is, and how patient. */
export interface MutualTlsOptions {
  /** Each handshake uses the identity that is current then. */
  readonly source: IdentitySource
  /** @default systemClock */
  readonly clock?: Clock
  /** How long a peer may take for its part of a handshake. @default 10 s */
  readonly handshakeTimeoutMs?: number
}

/** What gRPC demands of both sides of TLS. */
const ALPNProtocols = ["h2"]

/**
 * Both sides show X.509-SVIDs and check each other's, over TLS 1.2 or later. Whoever has an id of a
 * trust domain that is known may connect; names of hosts mean nothing.
 */
export function mutualTls({
  source,
  clock = systemClock,
  handshakeTimeoutMs: timeoutMs = 10_000,
}: MutualTlsOptions): Security {
  const ownContext = ownContexts(source, clock)
  const secure = async (
    socket: Duplex,
    tls: TLSSocket,
    identity: Identity,
    event: HandshakeOptions["event"],
  ): Promise<Secured> => {
    // Each goes with the other, also where there is no native socket below.
    tls.once("close", () => socket.destroy())
    socket.once("close", () => tls.destroy())
    socket.on("error", (error) => tls.destroy(error))
    try {
      await handshake(tls, { event, clock, timeoutMs, own: identity.svid })
      const onOutdated = (listener: () => void): Disposable => source.onChange(() => listener())
      return { ...proven(tls, identity, clock.now()), onOutdated }
    } catch (thrown) {
      // A turn later, so that what this side has to say in the handshake is said: else the peer
      // could not tell that it was refused.
      await new Promise((resolve) => setImmediate(resolve))
      tls.destroy()
      throw thrown
    }
  }
  return {
    async client(socket) {
      const { identity, context: secureContext } = ownContext()
      const tls = connect({
        ...{ socket, secureContext, ALPNProtocols },
        // Checked below, for Node only knows names of hosts.
        rejectUnauthorized: false,
        checkServerIdentity: () => undefined,
      })
      return await secure(socket, tls, identity, "secureConnect")
    },
    async server(socket) {
      const { identity, context: secureContext } = ownContext()
      const tls = new TLSSocket(socket, {
        ...{ isServer: true, secureContext, ALPNProtocols },
        // Lets OpenSSL refuse whoever shows no certificate; those that are shown are checked below.
        ...{ requestCert: true, rejectUnauthorized: true },
      })
      return await secure(socket, tls, identity, "secure")
    },
  }
}

/** What the peer has proven with its certificates. */
function proven(tls: TLSSocket, { svid, bundles }: Identity, now: number): Secured {
  if (tls.alpnProtocol !== "h2") throw new NsmError("UNIMPLEMENTED", withoutHttp2())
  const certificates = shown(tls)
  const id = verifyChain(certificates, { bundles, now })
  const nodes = tls as unknown as NodesTlsSocket
  const objection = nodes._handle.verifyError()
  if (objection) {
    throw new NsmError("PEER_NOT_TRUSTED", `the certificates of ${id} are not in order`, {
      cause: objection,
    })
  }
  nodes.secureConnecting = false
  const [certificate] = certificates
  return {
    stream: tls,
    peer: { id, certificate, shown: svid.certificates[0] },
    expiresAt: Math.min(svid.expiresAt, certificate.validToDate.getTime()),
    refused: (failure) => refusal(failure, svid),
  }
}

/**
 * What Node does not document. Only a server of its own finishes a handshake as a server, where it
 * tells what OpenSSL found of the certificates, and lets HTTP/2 begin.
 */
interface NodesTlsSocket {
  readonly _handle: { verifyError(): Error | undefined }
  secureConnecting: boolean
}

/** Nobody's way to a root is longer. */
const mostCertificates = 8

function shown(tls: TLSSocket): Certificates {
  const leaf = tls.getPeerX509Certificate()
  if (!leaf) throw new NsmError("PEER_NOT_TRUSTED", "the peer showed no certificate")
  const above: X509Certificate[] = []
  let next = leaf.issuerCertificate
  while (next && above.length < mostCertificates - 1) {
    above.push(next)
    next = next.issuerCertificate
  }
  return [leaf, ...above]
}
