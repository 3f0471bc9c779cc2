export { icmpResponder, type IcmpResponderOptions } from "./chain.ts"
export { settings } from "./config.ts"
export { type Idle, idle, type IdleOptions } from "./idle.ts"
