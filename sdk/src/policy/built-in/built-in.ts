import type { Policy } from "../policy.ts"
import { clientAllowed } from "./client-allowed.ts"
import { nextTokenSigned } from "./next-token-signed.ts"
import { prevTokenSigned } from "./prev-token-signed.ts"
import { serviceConnection } from "./service-connection.ts"
import { tokensChained } from "./tokens-chained.ts"
import { tokensExpired } from "./tokens-expired.ts"
import { tokensValid } from "./tokens-valid.ts"

/** The policies that come with the suite, cheap ones first. */
export const builtInPolicies: readonly Policy[] = [
  tokensValid,
  tokensExpired,
  tokensChained,
  prevTokenSigned,
  nextTokenSigned,
  clientAllowed,
  serviceConnection,
]
