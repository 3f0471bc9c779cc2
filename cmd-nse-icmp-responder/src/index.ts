export { icmpResponder, type IcmpResponderOptions } from "./chain.ts"
export { settings } from "./config.ts"
export { idle, type IdleOptions } from "./idle.ts"
