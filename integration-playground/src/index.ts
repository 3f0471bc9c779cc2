export { statusOf } from "./status-of.ts"
export { succeeded } from "./succeeded.ts"
