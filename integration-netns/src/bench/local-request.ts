import { setTimeout as wait } from "node:timers/promises"
import { createNamespace, echo, type NetworkNamespace } from "@nsm/sdk-kernel"
import { Lab } from "../lab/lab.ts"
import type { Bench, BenchContext } from "./bench.ts"
import { drive } from "./drive.ts"
import { median, quantile } from "./quantile.ts"
import type { Row } from "./row.ts"

/**
 * Times requests on one node through the real manager, forwarder and endpoint, with identities, as
 * users get it. A client is an id, a network namespace and the way through the client's chain; all
 * clients are in one process, this one, and share its channel to the manager. A request counts when an
 * echo through its wire came back. Without identities only single requests are timed, to compare.
 *
 * Processes that have just begun still compile what they run most, and many clients at a time feel it:
 * 50 are timed after the first 300 requests, and again, round after round, after some 1500. Of 50
 * requests p99 is the slowest, and a machine that others share has bad moments: the round in the middle
 * is the result, beside all rounds together.
 */
export const localRequest: Bench = async (context) => {
  const rowsOf = async ({
    single,
    fifty,
    hundredSixty,
    warmUp,
  }: Loads): Promise<readonly Row[]> => {
    const [alone, cold] = [await single(), await fifty()]
    await warmUp()
    const fifties = await repeated(rounds, fifty)
    const many = await hundredSixty()
    const middle = both((which) => median(fifties.map((times) => quantile(times[which], 0.99))))
    const together = both((which) =>
      quantile(
        fifties.flatMap((times) => times[which]),
        0.99,
      ),
    )
    const inParallel = "50 clients in parallel"
    return [
      ...rows("one local request, p50", share(alone, 0.5), { target: 20 }),
      ...rows(`${inParallel}, soon after the start, p99`, share(cold, 0.99)),
      ...rows(`${inParallel}, p99`, middle, { of: `middle of ${rounds} rounds`, target: 250 }),
      ...rows(`${inParallel}, p99`, together, { of: `all ${rounds} rounds together` }),
      ...rows("160 clients in parallel, none failing, p99", share(many, 0.99), { target: 2000 }),
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
  readonly hundredSixty: () => Promise<Times>
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
    const { times: pinged } = await drive({ count, inFlight }, async (index) => {
      const namespace = places[index] as NetworkNamespace
      const from = performance.now()
      const wish = { id: `client-${first + index}`, namespaceUrl: namespace.url }
      const connection = await clients.request(wish)
      answered.push(performance.now() - from)
      closes.push(() => clients.close(connection))
      await firstEcho(namespace, connection.context?.ipContext)
    })
    await Promise.all(closes.map((close) => close()))
    await wait(settleMs)
    return { answered, pinged }
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
      await repeated(20, () => measured(50, 50))
    },
    hundredSixty: () => {
      step("160 clients at a time")
      return measured(160, 160)
    },
  })
}

/** Odd, so that one is in the middle. */
const rounds = 21

async function repeated(count: number, round: () => Promise<Times>): Promise<readonly Times[]> {
  const all: Times[] = []
  while (all.length < count) all.push(await round())
  return all
}

/** What a share `q` of the times does not exceed. */
function share(times: Times, q: number): Figures {
  return both((which) => quantile(times[which], q))
}

function both(figureOf: (which: keyof Times) => number): Figures {
  return { answered: figureOf("answered"), pinged: figureOf("pinged") }
}

/** The target, in milliseconds, is for a wire that carries packets; the answer comes a little before. */
function rows(
  name: string,
  { answered, pinged }: Figures,
  { of, target }: { of?: string; target?: number } = {},
): readonly Row[] {
  const which = of === undefined ? "" : `, ${of}`
  return [
    {
      name,
      measured: `request to first echo${which}`,
      value: pinged,
      unit: "ms",
      ...(target !== undefined && { target: { atMost: target } }),
    },
    { name, measured: `request to answer${which}`, value: answered, unit: "ms" },
  ]
}

/** Time for the kernel to finish what closing left. */
const settleMs = 300

/** Milliseconds from the request to its answer, and to the echo. */
interface Times {
  readonly answered: readonly number[]
  readonly pinged: readonly number[]
}

/** One figure for each, in milliseconds. */
type Figures = Readonly<Record<keyof Times, number>>

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
