import { cp } from "node:fs/promises"
import { healGroups } from "../heal-groups.ts"
import type { HealCase } from "../heal-case.ts"
import { runCase, type WireResult } from "../run-case.ts"
import { Scene, type SceneOptions } from "../scene.ts"
import type { BenchContext, PagedBench, Row } from "@nsm/integration-netns"
import { healPage, usualRuns } from "./heal-page.ts"
import { type Figure, type HealReport, reportsOf, rowsOf } from "./heal-report.ts"
import { scaleRows } from "./scale-rows.ts"

/** How often a case may not be as promised before it is given up. */
const mostBroken = 3

/**
 * Lets everything happen many times that can happen to a mesh, each time with packets on the wires.
 * `HEAL_RUNS` sets how often, `HEAL_CASES` takes those whose title matches, of which one is "scale", and
 * `HEAL_LOGS` is a folder for the logs of what went wrong.
 */
export const heal: PagedBench = {
  file: new URL("../../docs/heal.md", import.meta.url),
  async measure(context) {
    const runs = Number(process.env["HEAL_RUNS"] ?? usualRuns)
    const wanted = new RegExp(process.env["HEAL_CASES"] ?? "")
    const reports: HealReport[] = []
    const left: Row[] = []
    for (const { title, scene, cases } of healGroups) {
      const chosen = cases.filter((each) => wanted.test(each.title))
      if (chosen.length === 0) continue
      await using stage = new Stage(scene)
      for (const healCase of chosen) {
        const results = await repeated(stage, healCase, { ...context, runs })
        reports.push(...reportsOf(healCase, results))
      }
      // The labs complain at their end of what is left; the figures are right all the same.
      const failure = await stage.end().then(() => undefined, String)
      if (failure !== undefined) context.step(failure)
      const name = `labs in which something happened to ${title}`
      const value = failure === undefined ? 0 : 1
      left.push({ name, measured: "left something behind", value, unit: "", target: { atMost: 0 } })
    }
    const many = wanted.test("scale")
      ? await scaleRows({ cycles: 600, connections: 1000 }, context)
      : []
    const rows = [...reports.flatMap(rowsOf), ...left, ...many]
    return { rows, page: (run) => healPage(run, { reports, scale: [...left, ...many] }) }
  },
}

async function repeated(
  stage: Stage,
  healCase: HealCase,
  { signal, step, runs }: BenchContext & { readonly runs: number },
): Promise<readonly WireResult[]> {
  const results: WireResult[] = []
  let broken = 0
  const from = performance.now()
  for (let run = 0; run < runs && broken < mostBroken; run++) {
    signal.throwIfAborted()
    const told = await runCase(await stage.scene(), healCase)
    results.push(...told)
    const reasons = told.flatMap((result) => result.broken)
    if (reasons.length === 0) continue
    broken += 1
    step(`${healCase.title}, run ${run + 1}: ${reasons.join("; ")}`)
    await stage.clear(`${healCase.title}, ${run + 1}`)
  }
  const seconds = ((performance.now() - from) / 1000).toFixed(1)
  const told = reportsOf(healCase, results).map(
    ({ kind, backMs, lost, wholeMs }) =>
      `${kind} ${span(backMs)}, ${lost.p99} lost, whole in ${span(wholeMs)}`,
  )
  step(`${healCase.title}: ${told.join("; ")} (${seconds} s)`)
  return results
}

function span({ p50, p99 }: Figure): string {
  return `${Math.round(p50)} to ${Math.round(p99)} ms`
}

/** Where cases happen: a scene, and another one when that has to be given up. */
class Stage implements AsyncDisposable {
  readonly #options: SceneOptions
  #scene: Scene | undefined

  constructor(options: SceneOptions) {
    this.#options = options
  }

  async scene(): Promise<Scene> {
    return (this.#scene ??= await Scene.up(this.#options))
  }

  /** Gives the scene up, with all that is wrong about it. */
  async clear(why: string): Promise<void> {
    const logs = process.env["HEAL_LOGS"]
    if (logs !== undefined && this.#scene) {
      const { directory } = this.#scene.lab
      const filter = (path: string): boolean => path === directory || path.endsWith(".log")
      await cp(directory, `${logs}/${why}`, { recursive: true, filter })
    }
    await this.end().catch(() => undefined)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end()
  }

  async end(): Promise<void> {
    const scene = this.#scene
    this.#scene = undefined
    await scene?.[Symbol.asyncDispose]()
  }
}
