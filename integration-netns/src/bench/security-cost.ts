import { Lab, type LabOptions } from "../lab/lab.ts"
import { nullForwarderFile } from "../lab/programs.ts"
import type { Bench } from "./bench.ts"
import { drive, type Driven } from "./drive.ts"
import { median, quantile } from "./quantile.ts"

const rounds = 5
const single = { count: 100, inFlight: 1 }
const crowd = { count: 300, inFlight: 32 }

/**
 * Times first requests through client, manager, forwarder and endpoint, each a process of its own,
 * where the forwarder makes no wires: with identities, mutual TLS, tokens and the default policies of
 * every hop, and without any of it. Both in turn, so that what else happens meets both.
 */
export const securityCost: Bench = async ({ signal, step }) => {
  await using stack = new AsyncDisposableStack()
  const secured = await meshOf("authority", stack)
  const open = await meshOf("none", stack)
  step("warming up")
  for (const mesh of [secured, open]) await mesh({ count: 300, inFlight: 8 })
  const times = { secured: [] as number[], open: [] as number[] }
  const rates = { secured: [] as number[], open: [] as number[] }
  for (let round = 0; round < rounds; round++) {
    signal.throwIfAborted()
    step(`with and without security in turn, ${round + 1} of ${rounds}`)
    times.secured.push(...(await secured(single)).times)
    times.open.push(...(await open(single)).times)
    rates.secured.push((await secured(crowd)).perSecond)
    rates.open.push((await open(crowd)).perSecond)
  }
  const withAll = "mutual TLS, tokens, default policies"
  const without = "without any of it"
  const p50 = "a request through four hops, p50"
  const perSecond = `requests through four hops, ${crowd.inFlight} in flight`
  const [costly, cheap] = [quantile(times.secured, 0.5), quantile(times.open, 0.5)]
  return [
    { name: p50, measured: withAll, value: costly, unit: "ms", target: { atMost: 20 } },
    { name: p50, measured: without, value: cheap, unit: "ms" },
    {
      name: "what security costs of it",
      measured: "the difference",
      value: costly - cheap,
      unit: "ms",
    },
    {
      name: "a request through four hops, p99",
      ...{ measured: withAll, value: quantile(times.secured, 0.99), unit: "ms" },
    },
    {
      name: "a request through four hops, p99",
      ...{ measured: without, value: quantile(times.open, 0.99), unit: "ms" },
    },
    { name: perSecond, measured: withAll, value: median(rates.secured), unit: "calls/s" },
    { name: perSecond, measured: without, value: median(rates.open), unit: "calls/s" },
  ]
}

/** Brings a mesh up; answers what times requests through it, and closes what was granted. */
async function meshOf(
  identities: NonNullable<LabOptions["identities"]>,
  stack: AsyncDisposableStack,
): Promise<(load: typeof single) => Promise<Driven>> {
  const lab = stack.use(await Lab.up({ identities }))
  const node = await lab.addNode("node-1", { forwarder: { file: nullForwarderFile } })
  const { namespace } = await lab.addEndpoint("nse-1", node)
  const clients = stack.use(lab.clients(node))
  let serial = 0
  const request = () => clients.request({ id: `client-${serial++}`, namespaceUrl: namespace.url })
  return async (load) => {
    const granted: Awaited<ReturnType<typeof request>>[] = []
    const driven = await drive(load, async () => void granted.push(await request()))
    await drive({ count: granted.length, inFlight: 16 }, async (index) => {
      const connection = granted[index]
      if (connection) await clients.close(connection)
    })
    return driven
  }
}
