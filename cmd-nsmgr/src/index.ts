export { managerDaemon, type ManagerDaemonOptions } from "./chain.ts"
export { settings } from "./config.ts"
