import {
  ServerCredentials,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
} from "@grpc/grpc-js"
import type { Peer } from "../../core/call.ts"
import type { Incoming } from "./incoming-call.ts"

type AuthContext = ReturnType<ServerInterceptingCall["getAuthContext"]>

interface PeerContext extends AuthContext {
  readonly peer: Peer
}

/**
 * Credentials for one connection, whose other end is known by now. grpc-js would have the certificate
 * parsed with every call; so each call is told whose it is.
 */
export class PeerCredentials extends ServerCredentials {
  readonly #interceptors: ServerInterceptor[]

  constructor(peer: Peer) {
    super(null)
    this.#interceptors = [(_, call) => new PeersCall(call, { peer })]
  }

  override _getInterceptors(): ServerInterceptor[] {
    return this.#interceptors
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other
  }
}

/** Who makes a call. */
export function peerOf(incoming: Incoming): Peer {
  return (incoming.getAuthContext() as PeerContext).peer
}

class PeersCall extends ServerInterceptingCall {
  readonly #context: PeerContext

  constructor(call: ServerInterceptingCallInterface, context: PeerContext) {
    super(call)
    this.#context = context
  }

  override getAuthContext(): PeerContext {
    return this.#context
  }
}
