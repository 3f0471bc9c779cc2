import { plaintext, type Security } from "@nsm/sdk"
import { peerCredentials } from "./peer-credentials.ts"

/** Lets the kernel say who calls on a unix socket; nothing is encrypted, for nothing leaves it. */
export const witnessed: Security = {
  ...plaintext,
  server: async (stream) => ({ stream, peer: { credentials: peerCredentials(stream) } }),
}
