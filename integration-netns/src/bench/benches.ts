import { authorise } from "./authorise.ts"
import type { Bench } from "./bench.ts"
import { dataPlane } from "./data-plane/data-plane.ts"
import { demoTime } from "./demo-time.ts"
import { kernelWire } from "./kernel-wire.ts"
import { localRequest } from "./local-request.ts"
import { memory } from "./memory.ts"
import { registryWatch } from "./registry-watch.ts"
import { requestChain } from "./request-chain.ts"
import { rotation } from "./rotation.ts"
import { securityCost } from "./security-cost.ts"

/** All benchmarks by name, in the order of the table. */
export const benches: Readonly<Record<string, Bench>> = {
  "kernel-wire": kernelWire,
  "local-request": localRequest,
  "request-chain": requestChain,
  "security-cost": securityCost,
  authorise,
  rotation,
  "data-plane": dataPlane,
  memory,
  "registry-watch": registryWatch,
  demo: demoTime,
}
