import { type Bench, quantile, type Row, type Target } from "@nsm/integration-netns"
import { configureInterface, ownNamespace } from "@nsm/sdk-kernel"
import { goProgram } from "../lab/go-program.ts"
import type { Side } from "../lab/member.ts"
import { allOn, Mesh, parts } from "../lab/mesh.ts"
import { goCrowd } from "./go-crowd.ts"
import type { Crowd, Load, Outcome } from "./load.ts"
import { ownCrowd } from "./own-crowd.ts"

const rounds = 3
const loads: readonly Load[] = [
  { clients: 1, count: 60 },
  { clients: 50, count: 100 },
  { clients: 160, count: 160 },
]
const mebi = 2 ** 20

/** Whose clients ask whose mesh. */
interface Pair {
  readonly mesh: Side
  readonly crowd: Crowd
  readonly title: string
}

/**
 * Times first requests through client, manager, forwarder without a data plane and endpoint, each a
 * process, all of one side, with mutual TLS, tokens and the default policies. Each side is asked by
 * clients of its own and of the other, in turn, so that what else happens meets all. All clients of
 * a side are in one process, each with a connection of its own.
 */
export const goBench: Bench = async ({ signal, step }) => {
  const program = await goProgram()
  if ("missing" in program) {
    const skipped = program.missing
    return [{ name: "beside the Go implementation", measured: "", unit: "", skipped }]
  }
  // The run is in a network of its own, which begins with nothing up.
  await configureInterface(ownNamespace(), "lo", {})
  await using open = new AsyncDisposableStack()
  const settings = { NSM_DIAL_TIMEOUT: "15s", NSM_LOG_LEVEL: "WARN" }
  const meshes = {
    ours: open.use(await Mesh.up({ sides: allOn("ours"), settings })),
    go: open.use(await Mesh.up({ sides: allOn("go"), settings })),
  }
  const pairs: readonly Pair[] = [
    { mesh: "ours", crowd: open.use(await ownCrowd(meshes.ours)), title: "all ours" },
    { mesh: "go", crowd: open.use(await goCrowd(meshes.go)), title: "all Go" },
    { mesh: "ours", crowd: open.use(await goCrowd(meshes.ours)), title: "ours, Go's clients" },
    { mesh: "go", crowd: open.use(await ownCrowd(meshes.go)), title: "Go, our clients" },
  ]

  step("warming up")
  for (const { crowd } of pairs) await crowd.ask({ clients: 8, count: 100 })

  const rows: Row[] = []
  for (const load of loads) {
    const outcomes = pairs.map((): Outcome[] => [])
    for (let round = 0; round < rounds; round++) {
      signal.throwIfAborted()
      step(`${load.clients} at once, all in turn, ${round + 1} of ${rounds}`)
      for (const [index, { crowd }] of pairs.entries()) {
        outcomes[index]?.push(await crowd.ask(load))
      }
    }
    rows.push(...rowsOf(load, pairs, outcomes))
  }
  for (const part of parts) {
    for (const side of ["ours", "go"] as const) {
      const bytes = meshes[side].members[part].residentBytes
      const title = side === "ours" ? "ours" : "Go's"
      rows.push({
        ...{ name: `resident memory of the ${part}`, measured: `${title}, after all of it` },
        ...{ value: bytes / mebi, unit: "MiB" },
      })
    }
  }
  return rows
}

/** What each of our figures may be of Go's. */
const share = 0.5

function rowsOf(
  { clients }: Load,
  pairs: readonly Pair[],
  outcomes: readonly (readonly Outcome[])[],
): readonly Row[] {
  const figures = outcomes.map((rounds) => ({
    times: rounds.flatMap(({ timesMs }) => timesMs),
    seconds: rounds.reduce((sum, { seconds }) => sum + seconds, 0),
    failures: rounds.flatMap(({ failures }) => failures),
  }))
  const go = figures[1]?.times ?? []
  const many = clients === 1 ? "1 client" : `${clients} clients`
  const row = (name: string, unit: string, value: (index: number) => number, target?: Target) =>
    pairs.map(({ title }, index): Row => {
      const own = index === 0 && target ? { target } : {}
      return { name: `${many}, ${name}`, measured: title, value: value(index), unit, ...own }
    })
  const times = (index: number): readonly number[] => figures[index]?.times ?? []
  const failed = figures.flatMap(({ failures }, index): Row[] =>
    failures.length === 0
      ? []
      : [
          {
            ...{ name: `${many}, requests refused`, measured: pairs[index]?.title ?? "" },
            ...{ value: failures.length, unit: "" },
            ...(index === 0 && { target: { atMost: 0 } }),
          },
        ],
  )
  return [
    ...[0.5, 0.99].flatMap((q) =>
      row(`p${q * 100}`, "ms", (index) => quantile(times(index), q), {
        atMost: quantile(go, q) * share,
      }),
    ),
    ...row(
      "requests a second",
      "",
      (index) => times(index).length / (figures[index]?.seconds ?? 1),
    ),
    ...failed,
  ]
}
