import { setTimeout as wait } from "node:timers/promises"
import { createNamespace, echo, type NetworkNamespace } from "@nsm/sdk-kernel"
import { Lab } from "../lab/lab.ts"
import type { Bench, BenchContext } from "./bench.ts"
import { drive } from "./drive.ts"
import { quantile } from "./quantile.ts"
import type { Row, Target } from "./row.ts"
import { stolenTime } from "./stolen-time.ts"

/**
 * Times requests on one node through the real manager, forwarder and endpoint, with identities, as
 * users get it. A client is an id, a network namespace and the way through the client's chain; all
 * clients are in one process, this one, and share its channel to the manager. A request counts when an
 * echo through its wire came back. Without identities only single requests are timed, to compare.
 *
 * Processes that have just begun still compile what they run most, and many clients at a time feel it:
 * 50 are timed after the first 300 requests, and again after some 1500. Then they are timed until the
 * host has left enough rounds alone: a second that it takes from the processors is no time of ours.
 */
export const localRequest: Bench = async (context) => {
  const rowsOf = async ({ single, fifty, many, warmUp }: Loads): Promise<readonly Row[]> => {
    const [alone, cold] = [await single(), [await fifty()]]
    await warmUp()
    const { all, calm } = await untilCalm(fifty)
    const [calmRounds, allRounds] = [`${calm.length} of ${all.length} rounds`, "all rounds"]
    return [
      ...rows("one local request, p50", 0.5, { atMost: 20 }, [alone]),
      ...rows("50 clients in parallel, soon after the start, p99", 0.99, undefined, cold),
      ...rows("50 clients in parallel, p99", 0.99, { atMost: 250 }, calm, calmRounds),
      ...rows("50 clients in parallel, p99", 0.99, undefined, all, allRounds),
      ...rows("160 clients in parallel, none failing, p99", 0.99, { atMost: 2000 }, [await many()]),
    ]
  }
  const withAll = await inMesh("authority", context, rowsOf)
  const { pinged } = await inMesh("none", context, ({ single }) => single())
  const [first, ...others] = withAll
  const compared: Row = {
    name: "one local request, p50",
    measured: "request to first echo, without identities",
    value: quantile(pinged, 0.5),
    unit: "ms",
  }
  return first ? [first, compared, ...others] : []
}

/** What can be timed in a mesh that stands. */
interface Loads {
  readonly single: () => Promise<Times>
  readonly fifty: () => Promise<Times>
  readonly many: () => Promise<Times>
  /** Has as many requests pass as make the processes quick. */
  readonly warmUp: () => Promise<void>
}

async function inMesh<T>(
  identities: "authority" | "none",
  { signal, step }: BenchContext,
  run: (loads: Loads) => Promise<T>,
): Promise<T> {
  await using lab = await Lab.up({ identities })
  const node = await lab.addNode("node-1")
  await lab.addEndpoint("nse-1", node)
  await using clients = lab.clients(node)
  // What the kernel does behind a namespace that has gone would hold up what is timed here.
  using namespaces = new DisposableStack()
  let serial = 0

  /** Requests `count` wires, `inFlight` at a time; answers times to the answer and to the echo. */
  const measured = async (count: number, inFlight: number): Promise<Times> => {
    signal.throwIfAborted()
    const places = Array.from({ length: count }, () => namespaces.use(createNamespace()))
    const first = serial
    serial += count
    const answered: number[] = []
    const closes: (() => Promise<void>)[] = []
    const stolen = stolenTime()
    const { times: pinged } = await drive({ count, inFlight }, async (index) => {
      const namespace = places[index] as NetworkNamespace
      const from = performance.now()
      const wish = { id: `client-${first + index}`, namespaceUrl: namespace.url }
      const connection = await clients.request(wish)
      answered.push(performance.now() - from)
      closes.push(() => clients.close(connection))
      await firstEcho(namespace, connection.context?.ipContext)
    })
    const isCalm = stolen() <= bearable
    await Promise.all(closes.map((close) => close()))
    await wait(settleMs)
    return { answered, pinged, isCalm }
  }

  step("warming up")
  await measured(200, 10)
  return await run({
    single: () => {
      step("one client at a time")
      return measured(100, 1)
    },
    fifty: () => {
      step("50 clients at a time")
      return measured(50, 50)
    },
    warmUp: async () => {
      step("warming up on")
      for (let round = 0; round < 20; round++) await measured(50, 50)
    },
    many: () => {
      step("160 clients at a time")
      return measured(160, 160)
    },
  })
}

/** The share of the processors' time that the host may give to others in a round that counts as calm. */
const bearable = 0.02
const enough = 8
/** On a host that is never calm all rounds count. */
const most = 40

/** Repeats a round until enough were calm. */
async function untilCalm(
  round: () => Promise<Times>,
): Promise<{ readonly all: readonly Times[]; readonly calm: readonly Times[] }> {
  const all: Times[] = []
  let calm: readonly Times[] = []
  while (calm.length < enough && all.length < most) {
    all.push(await round())
    calm = all.filter(({ isCalm }) => isCalm)
  }
  return { all, calm: calm.length < enough ? all : calm }
}

/** The target is for a wire that carries packets; the answer comes a little before. */
function rows(
  name: string,
  q: number,
  target: Target | undefined,
  rounds: readonly Times[],
  which?: string,
): readonly Row[] {
  const of = which === undefined ? "" : `, ${which}`
  const pinged = rounds.flatMap((times) => times.pinged)
  const answered = rounds.flatMap((times) => times.answered)
  return [
    {
      name,
      measured: `request to first echo${of}`,
      value: quantile(pinged, q),
      unit: "ms",
      ...(target && { target }),
    },
    { name, measured: `request to answer${of}`, value: quantile(answered, q), unit: "ms" },
  ]
}

/** Time for the kernel to finish what closing left. */
const settleMs = 300

/** Milliseconds from the request to its answer, and to the echo. */
interface Times {
  readonly answered: readonly number[]
  readonly pinged: readonly number[]
  /** Whether the host left the processors alone meanwhile. */
  readonly isCalm: boolean
}

interface Ends {
  readonly srcIpAddrs: readonly string[]
  readonly dstIpAddrs: readonly string[]
}

async function firstEcho(namespace: NetworkNamespace, ends: Ends | undefined): Promise<void> {
  const [source = "", destination = ""] = [ends?.srcIpAddrs, ends?.dstIpAddrs].map(
    (addresses) => addresses?.find((address) => !address.includes(":"))?.split("/")[0],
  )
  const { received } = await echo({ namespace, source, destination })
  if (received !== 1)
    throw new Error(`no echo from ${destination} to ${source} although the wire was granted`)
}
