import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { markdownTable } from "../../../markdown-table.ts"
import { durationText } from "../duration.ts"
import { timelineSvg } from "../timeline-svg.ts"
import { timelineText } from "../timeline-text.ts"
import { conclusions, packageRow } from "./rehearsal-text.ts"
import type { Rehearsal } from "./rehearse.ts"

/** Where a page is written, about what. */
export interface PageOptions {
  /** The checkout of the suite. */
  readonly root: string
  readonly rehearsal: Rehearsal
  readonly at: Date
}

/** Writes the page about a rehearsal, with its picture. */
export async function writePage({ root, rehearsal, at }: PageOptions): Promise<void> {
  const folder = join(root, ".github/docs")
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, "wave.svg"), timelineSvg(rehearsal.timeline))
  await writeFile(join(folder, "wave.md"), pageText(rehearsal, at))
}

/** The page as Markdown. */
export function pageText(rehearsal: Rehearsal, at: Date): string {
  const { from, to, timeline, packages, isWithoutTests, monolith } = rehearsal
  const words = [
    `npm run pipeline -- rehearse --from ${from}`,
    ...(to === undefined ? [] : [`--to ${to}`]),
    ...(isWithoutTests ? ["--without-tests"] : []),
    ...(monolith ? ["--beside-monolith"] : []),
    "--page",
  ]
  const stages = timeline.stages.map(({ stage, folders, from, to, checkingMs }) => {
    return [`${stage}`, `${folders.length}`, durationText(to - from), durationText(checkingMs)]
  })
  const rows = packages.map((one) => {
    const [folder = "", stage = "", ms = "", steps = ""] = packageRow(one)
    return [folder, stage, ms, steps]
  })
  return `# A wave

<!-- Written by ${words.join(" ")} -->

The suite's real packages, as they were on ${at.toISOString().slice(0, 10)}, in a bare repository in a temporary folder and without a network: \`${from}\` is released with an addition that breaks nobody, and nobody does anything else until the last package that is built on it has been released.

${conclusions(rehearsal)
  .map((line) => `- ${line}`)
  .join("\n")}

![Which packages were checked beside which](wave.svg)

## Stages

A stage ends when all its packages have been released. Its checks run beside each other, as many at a time as there are processors; what waits, waits for what it is built on to be packed, for a processor, or for the others of its stage.

${markdownTable(["Stage", "Packages", "From opened to released", "Checks, one after the other"], stages)}

## Packages

${markdownTable(["Package", "Stage", "Checks", "Of which"], rows)}

## As text

\`\`\`text
${timelineText(timeline)}
\`\`\`
`
}
