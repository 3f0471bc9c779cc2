export { clientDaemon, type ClientDaemonOptions } from "./chain.ts"
export { settings } from "./config.ts"
export type { WireStatus } from "./wire.ts"
