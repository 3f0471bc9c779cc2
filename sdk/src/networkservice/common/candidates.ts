import { createKey } from "../../core/key.ts"
import type { Ruled } from "../selection/rules.ts"

/** Who may serve a request by the match rules. Set by `discover` where no endpoint is named. */
export const candidates = createKey<Ruled | undefined>("candidates", undefined)
