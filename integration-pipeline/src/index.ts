export { ownSuite, type OwnSuite } from "./own-suite.ts"
