#!/usr/bin/env node
import { NsmError } from "@nsm/sdk"
import { program } from "./program.ts"
import { exitCode } from "./exit-code.ts"
import { errorText } from "./view/error.ts"

// Ctrl-C asks for an orderly end; a second one ends at once, and the kernel takes all away.
const controller = new AbortController()
const stop = (): void => {
  if (controller.signal.aborted) process.exit(130)
  controller.abort(new NsmError("CANCELLED", "interrupted"))
}
process.on("SIGINT", stop).on("SIGTERM", stop)

try {
  await program(controller.signal).parseAsync()
} catch (thrown) {
  const error = NsmError.from(thrown)
  process.stderr.write(`${errorText(error)}\n`)
  process.exitCode = controller.signal.aborted ? 130 : exitCode(error.reason)
}
