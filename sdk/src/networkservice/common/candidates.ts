import type { NetworkServiceEndpoint } from "@nsm/api"
import { createKey } from "../../core/key.ts"

/** Endpoints that may serve a request, best first. Set by `discover` where none is named. */
export const candidates = createKey<readonly NetworkServiceEndpoint[]>("candidates", [])
