import { Lab } from "../lab/lab.ts"
import { nullForwarderFile } from "../lab/programs.ts"
import { steadyLoad } from "../lab/steady-load.ts"
import type { Bench } from "./bench.ts"
import { quantile } from "./quantile.ts"

const load = { perSecond: 50, seconds: 30 }
const settings = { NSM_SVID_LIFETIME: "10s", NSM_ROOT_LIFETIME: "30s" }

/**
 * Requests at a steady rate, and closes what was granted, while each process gets another certificate
 * every five seconds, and the roots change too. Whatever fails is counted.
 */
export const rotation: Bench = async ({ signal, step }) => {
  await using lab = await Lab.up({ authority: { settings } })
  const node = await lab.addNode("node-1", { forwarder: { file: nullForwarderFile } })
  const endpoint = await lab.addEndpoint("nse-1", node)
  const { url: namespaceUrl } = endpoint.namespace
  await using clients = lab.clients(node)
  const { source } = lab.identity
  const certificates = new Set<string>()
  const roots = new Set<string>()
  using _ = source?.onChange(({ svid, bundles }) => {
    certificates.add(svid.certificates[0].serialNumber)
    for (const root of [...bundles.values()].flat()) roots.add(root.serialNumber)
  })
  step(`${load.perSecond} requests a second for ${load.seconds} s while certificates change`)
  const { times, failures } = await steadyLoad({ ...load, signal }, async (index) => {
    const connection = await clients.request({ id: `client-${index}`, namespaceUrl })
    await clients.close(connection)
  })
  for (const failure of new Set(failures.map(String))) step(failure)
  const name = "rotation of certificates under load"
  const changed = `${certificates.size} certificates of the client, ${roots.size} roots`
  return [
    {
      name: `${name}, failed calls`,
      measured: `${times.length + failures.length} requests with their closes, ${changed}`,
      value: failures.length,
      unit: "",
      target: { atMost: 0 },
    },
    {
      name: `${name}, rate`,
      measured: `${load.perSecond} a second asked for`,
      value: times.length / load.seconds,
      unit: "calls/s",
      target: { atLeast: load.perSecond * 0.98 },
    },
    {
      name: `${name}, p99`,
      measured: "request and close",
      value: quantile(times, 0.99),
      unit: "ms",
    },
  ]
}
