import { requestFor } from "../lab/clients.ts"
import { Lab } from "../lab/lab.ts"
import { besideFile } from "../lab/programs.ts"
import type { Bench } from "./bench.ts"
import { drive, type Driven } from "./drive.ts"
import { startFloor } from "./floor/floor.ts"
import { median, quantile } from "./quantile.ts"

const rounds = 5
const single = { count: 200, inFlight: 1 }
const crowd = { count: 400, inFlight: 32 }

/**
 * Times the way of a first request through client, manager, forwarder and endpoint, each a process
 * of its own, where the forwarder makes no wires. Beside it the floor: as many processes that hand
 * the same message on over plain gRPC. Both in turn, so that what else happens meets both.
 */
export const requestChain: Bench = async ({ signal, step }) => {
  await using lab = await Lab.up()
  const file = besideFile("null-forwarder", import.meta.url)
  const node = await lab.addNode("node-1", { forwarder: { file } })
  const endpoint = await lab.addEndpoint("nse-1", node)
  const { url: namespaceUrl } = endpoint.namespace
  await using clients = lab.clients(node)
  await using floor = await startFloor()
  let serial = 0

  const request = () => clients.request({ id: `client-${serial++}`, namespaceUrl })
  const first = await request()
  const sent = { ...requestFor({ id: first.id, namespaceUrl }), connection: first }

  /** Requests, then closes what was granted outside of what is timed. */
  const throughChain = async (load: typeof single): Promise<Driven> => {
    const granted: Awaited<ReturnType<typeof request>>[] = []
    const driven = await drive(load, async () => void granted.push(await request()))
    await drive({ count: granted.length, inFlight: 16 }, async (index) => {
      const connection = granted[index]
      if (connection) await clients.close(connection)
    })
    return driven
  }
  const throughFloor = (load: typeof single): Promise<Driven> =>
    drive(load, () => floor.request(sent))

  step("warming up")
  await throughChain({ count: 300, inFlight: 8 })
  await throughFloor({ count: 1000, inFlight: 8 })
  const times = { chain: [] as number[], floor: [] as number[] }
  const rates = { chain: [] as number[], floor: [] as number[] }
  for (let round = 0; round < rounds; round++) {
    signal.throwIfAborted()
    step(`chain and floor in turn, ${round + 1} of ${rounds}`)
    times.chain.push(...(await throughChain(single)).times)
    times.floor.push(...(await throughFloor(single)).times)
    rates.chain.push((await throughChain(crowd)).perSecond)
    rates.floor.push((await throughFloor(crowd)).perSecond)
  }
  const chain = "client, manager, forwarder without wires, endpoint"
  const plain = "the floor: plain gRPC through as many processes"
  const [p50, perSecond] = [
    "request chain, p50, 1 in flight",
    `request chain, ${crowd.inFlight} in flight`,
  ]
  return [
    { name: p50, measured: chain, value: quantile(times.chain, 0.5), unit: "ms" },
    { name: p50, measured: plain, value: quantile(times.floor, 0.5), unit: "ms" },
    { name: perSecond, measured: chain, value: median(rates.chain), unit: "calls/s" },
    { name: perSecond, measured: plain, value: median(rates.floor), unit: "calls/s" },
  ]
}
