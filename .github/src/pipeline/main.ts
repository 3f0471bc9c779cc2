import { join } from "node:path"
import { styleText } from "node:util"
import { exitCode } from "./command-line/exit-code.ts"
import { program } from "./command-line/program.ts"
import { PipelineError } from "./pipeline-error.ts"

// Ctrl-C ends what runs and takes away what lies in temporary folders.
const controller = new AbortController()
const stop = (): void => controller.abort()
process.on("SIGINT", stop).on("SIGTERM", stop)

try {
  const root = join(import.meta.dirname, "../../..")
  const print = (text: string): void => {
    process.stdout.write(`${text}\n`)
  }
  await program({ root, signal: controller.signal, print }).parseAsync()
} catch (error) {
  const known = error instanceof PipelineError ? error : undefined
  const red = styleText("red", "error", { stream: process.stderr })
  const said = error instanceof Error ? error.message : String(error)
  process.stderr.write(`${red}  ${said}\n${known ? `  what to do: ${known.remedy}\n` : ""}`)
  process.exitCode = controller.signal.aborted ? exitCode("INTERRUPTED") : exitCode(known?.reason)
}
