import type { Check } from "./check.ts"
import { monitorChecks } from "./checks/monitor.ts"
import { nextHopChecks } from "./checks/next-hop.ts"
import { registryChecks } from "./checks/registry.ts"
import { requestChecks } from "./checks/request.ts"
import { tokenChecks } from "./checks/token.ts"
import { transportChecks } from "./checks/transport.ts"

/** All checks, in the order of the report. */
export const checks: readonly Check[] = [
  ...transportChecks,
  ...requestChecks,
  ...tokenChecks,
  ...nextHopChecks,
  ...monitorChecks,
  ...registryChecks,
]
