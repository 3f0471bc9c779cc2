import { goProgram } from "./go-program.ts"

/** Skips what needs the Go side where it cannot be built, and says why. */
export async function needsGo(this: Mocha.Context): Promise<void> {
  this.timeout(600_000)
  const program = await goProgram()
  if ("file" in program) return
  this["skipReason"] = program.missing
  this.skip()
}
