import { writeFile } from "node:fs/promises"
import { PipelineError } from "../pipeline-error.ts"
import { status, type Status } from "../status.ts"
import { timelineSvg } from "../wave/timeline-svg.ts"
import { timelineText } from "../wave/timeline-text.ts"
import { timelineOf } from "../wave/timeline.ts"
import type { Wave } from "../wave/waves.ts"
import type { CommandKit } from "./command-kit.ts"
import { withForge } from "./forge-option.ts"
import { meantForge } from "./meant-forge.ts"
import { statusTable } from "./status-table.ts"

/** Adds the command that tells how everything stands. */
export function statusCommand({ command, json, print, root, signal }: CommandKit): void {
  withForge(command("status", "print versions, releases, updates and how waves stand"))
    .option("-w, --wave <release>", "show the wave of that release, such as @nsm/api@0.2.0")
    .option("--svg <file>", "draw the wave there (default: the newest)")
    .action(async ({ output, forge, wave, svg }: Options) => {
      const all = await status({ forge: await meantForge(forge, root), signal })
      const meant = waveOf(all, wave)
      if (svg !== undefined) {
        const drawn = meant ?? all.waves[0]
        if (!drawn) throw new PipelineError("WAVE_UNKNOWN", "there has been no wave yet")
        await writeFile(svg, timelineSvg(timelineOf(drawn)))
      }
      if (output === "json") return json(all)
      const shown = meant ? [meant] : all.waves.filter(({ state }) => state !== "done")
      const parts = shown.map((one) => timelineText(timelineOf(one)))
      print([statusTable(all.packages), ...parts].join("\n\n"))
    })
}

interface Options {
  readonly output: string
  readonly forge?: string
  readonly wave?: string
  readonly svg?: string
}

function waveOf({ waves }: Status, named: string | undefined): Wave | undefined {
  if (named === undefined) return undefined
  const found = waves.find(({ root }) => root === named || root === `@nsm/${named}`)
  if (found) return found
  const known = waves.map(({ root }) => root).join(", ")
  throw new PipelineError("WAVE_UNKNOWN", `${named} began no wave; there are: ${known || "none"}`)
}
