export { forwarderKernel, type ForwarderKernelDeps } from "./chain.ts"
export { settings } from "./config.ts"
