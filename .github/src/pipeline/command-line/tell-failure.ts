import { styleText } from "node:util"
import { PipelineError } from "../pipeline-error.ts"
import { exitCode } from "./exit-code.ts"

/** Says on stderr what went wrong and what to do about it, and has the process end with its status. */
export function tellFailure(error: unknown, { aborted }: AbortSignal): void {
  const known = error instanceof PipelineError ? error : undefined
  const red = styleText("red", "error", { stream: process.stderr })
  const said = error instanceof Error ? error.message : String(error)
  process.stderr.write(`${red}  ${said}\n${known ? `  what to do: ${known.remedy}\n` : ""}`)
  process.exitCode = aborted ? exitCode("INTERRUPTED") : exitCode(known?.reason)
}
