export { parseTutorial, type RunScript, type Step, type WriteFile } from "./parse.ts"
export { runTutorial } from "./run.ts"
