import { setTimeout as wait } from "node:timers/promises"
import { type Outage, outageOf } from "@nsm/integration-netns"
import type { HealCase, WireKind } from "./heal-case.ts"
import type { Scene } from "./scene.ts"
import type { SceneClient, Standing } from "./scene-client.ts"
import { unsettled, wrongInterfaces } from "./unsettled.ts"

/** What a disturbance did to one wire. */
export interface WireResult {
  readonly client: string
  readonly kind: WireKind
  /** Of both address families: the later to be back, and packets of both. */
  readonly outage: Outage
  /** From the disturbance until every process has again what it should have. */
  readonly wholeMs: number
  /** What is not as promised, in words. */
  readonly broken: readonly string[]
}

/** After how long a wire that has healed counts as steady; see heal's pacing. */
const steadyMs = 1100

/** How long a scene may take to be as it should. */
const patienceMs = 30_000

/** Disturbs a scene while packets flow through its wires; answers what became of each that it concerns. */
export async function runCase(scene: Scene, healCase: HealCase): Promise<readonly WireResult[]> {
  const { wires, expected } = healCase
  await healCase.prepare?.(scene)
  await settled(() => unsettled(scene))
  // What is lost again within a second of coming back is waited for longer each time, by design: that
  // is not what a case is about that happens twenty times in a row.
  await wait(steadyMs)
  const endpointNode = (await scene.endpoint()).node.name
  const subjects = scene.clients
    .map((client) => subject(client, endpointNode))
    .filter(({ kind }) => wires?.includes(kind) ?? true)
  const before = await Promise.all(subjects.map(({ client }) => client.standing()))
  const flow = async (since: number): Promise<boolean> => {
    const all = await Promise.all(
      subjects.map(({ client }) => client.traffic.flows(since, patienceMs)),
    )
    return all.every(Boolean)
  }
  await Promise.all(subjects.map(({ client }) => client.begin()))
  try {
    if (!(await flow(Date.now()))) throw new Error("packets do not flow before anything happens")
    const start = Date.now()
    const disturbedAt = (await healCase.disturb(scene)) ?? start
    const left = await settled(async () => {
      // Only the wire is left of what was.
      if (expected.endpoint === "dead") return wrongInterfaces(scene)
      const same = expected.endpoint === "other" ? await unchanged(subjects, before) : []
      return [...same, ...(await unsettled(scene))]
    })
    const wholeMs = left.length > 0 ? Infinity : Date.now() - disturbedAt
    const isBack = await flow(Date.now())
    const results = subjects.map(async ({ client, kind }, index): Promise<WireResult> => {
      const streams = await client.traffic.end()
      const outage = worst(streams.map((packets) => outageOf(packets, disturbedAt)))
      const broken = [...left, ...(isBack ? [] : ["packets do not flow again"])]
      const was = before[index]
      const is = await client.standing()
      if (was) broken.push(...differences(was, is, healCase))
      return { client: client.name, kind, outage, wholeMs, broken }
    })
    return await Promise.all(results)
  } finally {
    for (const { client } of subjects) await client.traffic.end()
    await healCase.repair?.(scene)
  }
}

interface Subject {
  readonly client: SceneClient
  readonly kind: WireKind
}

function subject(client: SceneClient, endpointNode: string): Subject {
  const isLocal = client.workload.node.name === endpointNode
  return { client, kind: isLocal ? "within a node" : "across nodes" }
}

/** Waits until nothing is wrong; answers what is, after some time. */
async function settled(look: () => Promise<readonly string[]>): Promise<readonly string[]> {
  for (const until = Date.now() + patienceMs; ; await wait(20)) {
    const left = await look()
    if (left.length === 0 || Date.now() > until) return left
  }
}

/** Who still goes to the endpoint that it had. */
async function unchanged(
  subjects: readonly Subject[],
  before: readonly Standing[],
): Promise<readonly string[]> {
  const all = subjects.map(async ({ client }, index) => {
    const endpoint = await client.status().then(
      (status) => status.endpoint,
      () => "",
    )
    const isSame = endpoint === before[index]?.endpoint
    return isSame ? [`${client.name} is still served by ${endpoint}`] : []
  })
  return (await Promise.all(all)).flat()
}

function differences(was: Standing, is: Standing, { expected }: HealCase): readonly string[] {
  const broken: string[] = []
  if (expected.endpoint === "same" && is.endpoint !== was.endpoint) {
    broken.push(`${is.endpoint} serves rather than ${was.endpoint}`)
  }
  if (expected.addresses === "same" && is.addresses.join() !== was.addresses.join()) {
    broken.push(`the addresses were ${was.addresses.join()} and are ${is.addresses.join()}`)
  }
  if (expected.keepsInterface && is.interfaceIndex !== was.interfaceIndex) {
    broken.push(`the interface was made anew: ${was.interfaceIndex}, now ${is.interfaceIndex}`)
  }
  return broken
}

function worst(outages: readonly Outage[]): Outage {
  const sum = (key: "sent" | "lost"): number =>
    outages.reduce((total, each) => total + each[key], 0)
  const most = (key: "longestGapMs" | "backMs"): number =>
    Math.max(...outages.map((each) => each[key]))
  return {
    ...{ sent: sum("sent"), lost: sum("lost") },
    ...{ longestGapMs: most("longestGapMs"), backMs: most("backMs") },
  }
}
