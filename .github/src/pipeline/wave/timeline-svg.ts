import { durationText } from "./duration.ts"
import { type Bar, checkingMs } from "./bars.ts"
import type { Row, Stage, Timeline } from "./timeline.ts"
import { stateText } from "./timeline-text.ts"

/** A wave as a picture: what ran beside what, what waited, what was red. */
export function timelineSvg(timeline: Timeline): string {
  const { root, began, rows, stages, ms, togetherMs } = timeline
  const whole = Math.max(ms, togetherMs ?? 0, 1)
  const scale = (at: number): number => round(names + (at / whole) * axis)
  const lines: string[] = []
  let y = top
  for (const stage of stages) {
    lines.push(stageText(stage, y))
    y += row
    for (const one of rows.filter((each) => each.stage === stage.stage)) {
      lines.push(rowText(one, { y, scale }))
      y += row
    }
  }
  if (togetherMs !== undefined) {
    const bar = { kind: "together", from: 0, to: togetherMs }
    lines.push(label("everything as one", y), barText(bar, { y, scale }))
    lines.push(after(durationText(togetherMs), scale(togetherMs), y))
    y += row
  }
  const width = names + axis + outcomes
  const height = y + row + edge
  const ticks = ticksOf(whole).map((at) => {
    const x = scale(at)
    const text = `<text x="${x}" y="${y + 16}" class="tick">${durationText(at)}</text>`
    return `<path d="M${x} ${top} V${y + 2}"/>${text}`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">
<title>The wave of ${root}: ${stateText(timeline)}</title>
<style>
text { font: 12px sans-serif; fill: #1c2b41 } .title, .stage { font-weight: bold } .tick { text-anchor: middle; fill: #5c6f8a }
path { stroke: #dde5f0 } .waiting { fill: #c9d3e2 } .checking { fill: #4a6fa5 } .red { fill: #c23b3b } .together { fill: #8f6bb3 }
</style>
<rect width="${width}" height="${height}" fill="#ffffff"/>
<text x="${edge}" y="20" class="title">${root}: ${stateText(timeline)}</text>
<text x="${edge}" y="38">began ${began.slice(0, 16).replace("T", " ")}; ${key(timeline)}</text>
${[...ticks, ...lines].join("\n")}
</svg>
`
}

const [names, axis, outcomes, row, top, edge] = [200, 640, 210, 22, 56, 10] as const

interface Place {
  readonly y: number
  readonly scale: (at: number) => number
}

function key({ rows, togetherMs }: Timeline): string {
  const isRed = rows.some(({ bars }) => bars.some(({ kind }) => kind === "red"))
  const words = ["blue is checking", "grey is waiting", ...(isRed ? ["red is red"] : [])]
  return [...words, ...(togetherMs === undefined ? [] : ["violet is everything as one"])].join(", ")
}

function stageText({ stage, from, to, checkingMs: ms }: Stage, y: number): string {
  const said = `stage ${stage}: ${durationText(to - from)}, ${durationText(ms)} of checks`
  return `<text x="${edge}" y="${y + 15}" class="stage">${said}</text>`
}

function rowText({ folder, bars, outcome }: Row, place: Place): string {
  const end = Math.max(0, ...bars.map(({ to }) => to))
  const said = `${outcome}, ${durationText(checkingMs(bars))} of checks`
  return [
    label(folder, place.y),
    ...bars.map((bar) => barText(bar, place)),
    after(said, place.scale(end), place.y),
  ].join("")
}

function barText({ kind, from, to }: Omit<Bar, "kind"> & { kind: string }, place: Place): string {
  const [x, end] = [place.scale(from), place.scale(to)]
  const size = `width="${round(Math.max(1, end - x))}" height="${row - 8}"`
  const title = `<title>${kind}: ${durationText(to - from)}</title>`
  return `<rect x="${x}" y="${place.y + 4}" ${size} class="${kind}">${title}</rect>`
}

const label = (text: string, y: number): string =>
  `<text x="${edge + 10}" y="${y + 15}">${text}</text>`

const after = (text: string, x: number, y: number): string =>
  `<text x="${round(x + 6)}" y="${y + 15}">${text}</text>`

const round = (value: number): number => Math.round(value * 10) / 10

/** Round times along the axis, at most eight. */
function ticksOf(whole: number): readonly number[] {
  const step = steps.find((one) => whole / one <= 8) ?? 3_600_000
  return Array.from({ length: Math.floor(whole / step) + 1 }, (_, index) => index * step)
}

const steps = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800].map((seconds) => seconds * 1000)
