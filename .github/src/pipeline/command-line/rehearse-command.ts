import { InvalidArgumentError } from "commander"
import { rehearse } from "../wave/rehearsal/rehearse.ts"
import { rehearsalText } from "../wave/rehearsal/rehearsal-text.ts"
import { writePage } from "../wave/rehearsal/page.ts"
import type { CommandKit } from "./command-kit.ts"
import { exitCodes } from "./exit-code.ts"
import { live } from "./live.ts"

/** Adds the command that takes the suite itself through a wave. */
export function rehearseCommand({ command, json, print, root, signal }: CommandKit): void {
  command(
    "rehearse",
    "take the suite itself, as it is at HEAD, through a wave in a temporary folder",
  )
    .option("--from <package>", "the package that is released", "api")
    .option("--to <package>", "the last package; what it is not built on is left out")
    .option("--without-tests", "install and build the packages, and leave out linters and tests")
    .option("--limit <minutes>", "after this long a step of a check is ended", minutes, 5)
    .option("--beside-monolith", "then run everything as one: npm ci, npm run build, npm test")
    .option("--page", "write what came of it to .github/docs/wave.md")
    .action(async ({ output, from, to, withoutTests, besideMonolith, page, limit }: Options) => {
      using progress = live({ stream: process.stderr })
      const { tell, say } = progress
      const done = await rehearse({
        ...{ root, from, to, signal, onProgress: tell, say },
        timeoutMs: limit * 60_000,
        isWithoutTests: withoutTests === true,
        isBesideMonolith: besideMonolith === true,
      })
      if (!done.isThrough) process.exitCode = exitCodes.failed
      if (page) await writePage({ root, rehearsal: done, at: new Date() })
      progress[Symbol.dispose]()
      if (output === "json") json(done)
      else print(rehearsalText(done))
    })
}

interface Options {
  readonly output: string
  readonly from: string
  readonly to?: string
  readonly withoutTests?: boolean
  readonly besideMonolith?: boolean
  readonly page?: boolean
  readonly limit: number
}

function minutes(text: string): number {
  const value = Number(text)
  if (value > 0) return value
  throw new InvalidArgumentError("Give a number of minutes.")
}
