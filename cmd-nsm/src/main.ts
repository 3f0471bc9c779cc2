#!/usr/bin/env node
import { NsmError } from "@nsm/sdk"
import { program } from "./program.ts"
import { exitCode, exitCodes } from "./exit-code.ts"
import { errorText } from "./view/error.ts"

// Ctrl-C asks for an orderly end; a second one ends at once, and the kernel takes all away.
const controller = new AbortController()
const stop = (): void => {
  if (controller.signal.aborted) process.exit(exitCodes.interrupted)
  controller.abort(new NsmError("CANCELLED", "interrupted"))
}
process.on("SIGINT", stop).on("SIGTERM", stop)

// As in `nsm status | head -1`: whoever reads has enough, which is no failure.
let isReaderGone = false
process.stdout.on("error", (failure: NodeJS.ErrnoException) => {
  if (failure.code !== "EPIPE") throw failure
  isReaderGone = true
  controller.abort(new NsmError("CANCELLED", "nobody reads what is printed"))
})

try {
  await program(controller.signal).parseAsync()
} catch (thrown) {
  const error = NsmError.from(thrown)
  if (!isReaderGone) {
    process.stderr.write(`${errorText(error)}\n`)
    process.exitCode = controller.signal.aborted ? exitCodes.interrupted : exitCode(error)
  }
}
