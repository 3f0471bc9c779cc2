export { ownSuite, type OwnSuite, suiteCheckout } from "./own-suite.ts"
