export { authorityChain } from "./chain.ts"
export { settings } from "./config.ts"
