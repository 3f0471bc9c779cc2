import { join } from "node:path"
import { program } from "./command-line/program.ts"
import { tellFailure } from "./command-line/tell-failure.ts"

// Ctrl-C, or closing the terminal, ends what runs and takes away what lies in temporary folders.
const controller = new AbortController()
const stop = (): void => controller.abort()
process.on("SIGINT", stop).on("SIGTERM", stop).on("SIGHUP", stop)

try {
  const root = join(import.meta.dirname, "../../..")
  const print = (text: string): void => {
    process.stdout.write(`${text}\n`)
  }
  await program({ root, signal: controller.signal, print }).parseAsync()
} catch (error) {
  tellFailure(error, controller.signal)
}
