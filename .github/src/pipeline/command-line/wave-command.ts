import { timelineText } from "../wave/timeline-text.ts"
import { timelineOf } from "../wave/timeline.ts"
import { wave } from "../wave/wave.ts"
import type { CommandKit } from "./command-kit.ts"
import { exitCodes } from "./exit-code.ts"
import { withForge } from "./forge-option.ts"
import { live } from "./live.ts"
import { meantForgeToChange } from "./meant-forge.ts"

/** Adds the command that runs all steps until nothing changes. */
export function waveCommand({ command, json, print, root, signal }: CommandKit): void {
  withForge(command("wave", "run release, propagate, check, chase and merge until nothing changes"))
    .addHelpText(
      "after",
      "\nOne that was broken off is continued by the next. It has failed while a package is red.",
    )
    .action(async ({ output, forge: named }: { output: string; forge?: string }) => {
      using progress = live({ stream: process.stderr })
      const forge = await meantForgeToChange(named, root)
      const waves = await wave({ forge, signal, onProgress: progress.tell })
      const isRed = waves.some(({ state }) => state === "red")
      if (isRed) process.exitCode = exitCodes.failed
      if (output === "json") return json({ waves })
      const [last] = waves
      const issues = await forge.issues()
      progress[Symbol.dispose]()
      print(last ? timelineText(timelineOf(last)) : "There has been no wave.")
      for (const { title, folder } of issues) print(`\nIssue at ${folder}: ${title}`)
    })
}
