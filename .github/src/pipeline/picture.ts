import { dependentsOf, type Graph, type Node, nodeOf, upstreamsOf } from "./graph.ts"

/** The stages as text: each package with those that are directly built on it. */
export function graphText(graph: Graph): string {
  return stagesOf(graph)
    .map((nodes, stage) => {
      const lines = nodes.map((node) => `  ${node.folder}${arrow(graph, node)}`)
      return [`stage ${stage}`, ...lines].join("\n")
    })
    .join("\n")
}

/** The stages as a picture, from left to right. Lines that others imply are left out. */
export function graphSvg(graph: Graph): string {
  const stages = stagesOf(graph)
  const tallest = Math.max(...stages.map(({ length }) => length))
  const [width, height] = [stages.length * column - gap + 2 * edge, tallest * row + 2 * edge]
  const places = new Map(
    stages.flatMap((nodes, stage) =>
      nodes.map(({ name }, index) => {
        const top = edge + ((tallest - nodes.length) * row) / 2
        return [name, { x: edge + stage * column, y: top + index * row }] as const
      }),
    ),
  )
  const place = (name: string) => places.get(name) ?? { x: 0, y: 0 }
  const lines = graph.flatMap((node) =>
    nearest(graph, node).map((name) => {
      const [from, to] = [place(name), place(node.name)]
      const [x, y, tx, ty] = [from.x + box, from.y + high / 2, to.x, to.y + high / 2]
      return `<path d="M${x} ${y} C${x + gap / 2} ${y} ${tx - gap / 2} ${ty} ${tx} ${ty}"/>`
    }),
  )
  const boxes = graph.map(({ name, folder }) => {
    const { x, y } = place(name)
    const text = `<text x="${x + box / 2}" y="${y + high / 2 + 4}">${folder}</text>`
    return `<rect x="${x}" y="${y}" width="${box}" height="${high}" rx="6"/>${text}`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">
<title>Which package is built on which, from left to right</title>
<style>
rect { fill: #eef3fb; stroke: #4a6fa5 } path { fill: none; stroke: #8aa0bf }
text { font: 12px sans-serif; text-anchor: middle; fill: #1c2b41 }
</style>
${[...lines, ...boxes].join("\n")}
</svg>
`
}

const [box, high, gap, edge] = [160, 28, 60, 10] as const
const column = box + gap
const row = high + 14

function stagesOf(graph: Graph): readonly (readonly Node[])[] {
  const last = Math.max(...graph.map(({ stage }) => stage))
  return Array.from({ length: last + 1 }, (_, stage) => graph.filter((one) => one.stage === stage))
}

function arrow(graph: Graph, { name }: Node): string {
  const all = dependentsOf(graph, name).map(({ folder }) => folder)
  return all.length > 0 ? ` → ${all.join(", ")}` : ""
}

/** What a package is built on, without what that is built on itself. */
function nearest(graph: Graph, { links }: Node): readonly string[] {
  const implied = new Set(
    links.flatMap(({ name }) => [
      ...upstreamsOf(graph, name),
      ...nodeOf(graph, name).links.map((link) => link.name),
    ]),
  )
  return links.map(({ name }) => name).filter((name) => !implied.has(name))
}
