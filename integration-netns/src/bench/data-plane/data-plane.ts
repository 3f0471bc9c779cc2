import { createNamespace, Links } from "@nsm/sdk-kernel"
import { Lab, type LabNode } from "../../lab/lab.ts"
import type { Bench, BenchContext } from "../bench.ts"
import { quantile } from "../quantile.ts"
import type { Row } from "../row.ts"
import { handMadeVeth, handMadeVxlan, type TunnelEnd } from "./hand-made.ts"
import { type Joined, missingIperf, throughput } from "./iperf.ts"

const target = { atLeast: 0.98 }
const rounds = 15
const seconds = 1

/**
 * Sends TCP by iperf3 through a wire of the mesh and through a link of the same kind and MTU made by
 * hand, in turn. What happens on the machine meanwhile meets both.
 */
export const dataPlane: Bench = async (context) => {
  const skipped = missingIperf()
  if (skipped !== undefined) return skippedRows(skipped)
  await using lab = await Lab.up()
  const nodes = [await lab.addNode("node-1"), await lab.addNode("node-2")] as const
  await lab.addEndpoint("nse-1", nodes[0])
  return [
    ...(await besideHandMade("veth pair", lab, nodes, nodes[0], context)),
    ...(await besideHandMade("VXLAN link", lab, nodes, nodes[1], context)),
  ]
}

async function besideHandMade(
  kind: "veth pair" | "VXLAN link",
  lab: Lab,
  [near, far]: readonly [LabNode, LabNode],
  from: LabNode,
  { signal, step }: BenchContext,
): Promise<readonly Row[]> {
  await using clients = lab.clients(from, { name: `client-${from.name}` })
  using namespace = createNamespace()
  const wish = { id: `iperf-${from.name}`, namespaceUrl: namespace.url }
  const connection = await clients.request(wish)
  const { mtu } = new Links(namespace).get("nsm-1")
  const address = connection.context?.ipContext?.dstIpAddrs.find((ip) => !ip.includes(":"))
  const wire: Joined = {
    client: namespace,
    server: lab.network("nse-1"),
    address: address?.split("/")[0] ?? "",
  }
  using one = createNamespace()
  using two = createNamespace()
  const end = ({ namespace: node, address }: LabNode, workload: typeof one): TunnelEnd => ({
    node,
    address,
    workload,
  })
  const byHand =
    kind === "veth pair"
      ? await handMadeVeth(one, two, mtu)
      : await handMadeVxlan(end(far, one), end(near, two), mtu)
  const through: Record<"wire" | "byHand", number[]> = { wire: [], byHand: [] }
  for (let round = 0; round < rounds; round++) {
    step(`iperf3 through a wire and a hand-made ${kind}, ${round + 1} of ${rounds}`)
    const order = round % 2 === 0 ? (["wire", "byHand"] as const) : (["byHand", "wire"] as const)
    for (const which of order) {
      signal.throwIfAborted()
      through[which].push(await throughput({ wire, byHand }[which], seconds))
    }
  }
  await clients.close(connection)
  // Whatever else the machine does only takes away: the better runs say more of the link.
  const [wireSpeed, handSpeed] = [quantile(through.wire, 0.75), quantile(through.byHand, 0.75)]
  const measured = `iperf3, TCP, MTU ${mtu}, ${rounds} runs in turn, upper quartile`
  return [
    {
      name: `throughput beside a hand-made ${kind}`,
      measured,
      value: wireSpeed / handSpeed,
      unit: "",
      target,
    },
    { name: "through the wire", measured, value: wireSpeed, unit: "Gbit/s" },
    { name: `through the hand-made ${kind}`, measured, value: handSpeed, unit: "Gbit/s" },
  ]
}

function skippedRows(skipped: string): readonly Row[] {
  return ["veth pair", "VXLAN link"].map((kind) => ({
    name: `throughput beside a hand-made ${kind}`,
    measured: "iperf3",
    unit: "",
    target,
    skipped,
  }))
}
