import { ChannelCredentials, ServerCredentials } from "@grpc/grpc-js"
import type { PeerCertificate } from "node:tls"

/** Who a process is to its peers, and how it finds out who they are. */
export interface GrpcIdentity {
  /** With what it calls the peer at a URL. */
  channelCredentials(url: string): ChannelCredentials
  /** With what it takes calls. */
  serverCredentials(): ServerCredentials
  /** The SPIFFE id in the certificate of a caller; undefined when it showed none. */
  peerId(certificate: PeerCertificate | undefined): string | undefined
}

/** Nobody shows who they are, and nothing is encrypted. */
export const plaintext: GrpcIdentity = {
  channelCredentials: () => ChannelCredentials.createInsecure(),
  serverCredentials: () => ServerCredentials.createInsecure(),
  peerId: () => undefined,
}
