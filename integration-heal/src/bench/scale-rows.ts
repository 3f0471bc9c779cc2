import { endpointCycles } from "../scale/endpoint-cycles.ts"
import { managerRestart } from "../scale/manager-restart.ts"
import { type BenchContext, grown, heldAgain, heldBy, Lab, type Row } from "@nsm/integration-netns"

const mebi = 2 ** 20
const kibi = 2 ** 10

/** How many of each. */
export interface Scale {
  readonly cycles: number
  readonly connections: number
}

/** Scales endpoints up and down, and restarts a manager with many connections. */
export async function scaleRows(scale: Scale, { step }: BenchContext): Promise<readonly Row[]> {
  step(`${scale.cycles} endpoints come and go`)
  const cycles = await cycleRows(scale.cycles)
  step(`a manager with ${scale.connections} connections restarts`)
  return [...cycles, ...(await restartRows(scale.connections))]
}

async function cycleRows(count: number): Promise<readonly Row[]> {
  const probed = { isProbed: true }
  await using lab = await Lab.up({ registry: probed })
  const node = { manager: probed, forwarder: probed }
  const nodes = [await lab.addNode("node-1", node), await lab.addNode("node-2", node)] as const
  const processes = [lab.registry, ...nodes.flatMap((each) => [each.manager, each.forwarder])]
  // What is made once, such as channels and caches, belongs to the base.
  await endpointCycles({ lab, nodes, round: "warm-up" }, Math.ceil(count / 10))
  const before = await heldBy(processes)
  const from = performance.now()
  await endpointCycles({ lab, nodes, round: "measured" }, count)
  const seconds = (performance.now() - from) / 1000
  const allowance = count / 10
  const after = await heldAgain(processes, before, allowance)
  const name = `${count} endpoints come and go, each with a wire`
  const perCycle = processes.map((process): Row => {
    const more = (after.heapBytes[process.name] ?? 0) - (before.heapBytes[process.name] ?? 0)
    return {
      ...{ name, measured: `heap of ${process.name}, more for each`, unit: "KiB" },
      ...{ value: Math.max(0, more) / count / kibi, target: { atMost: 20 } },
    }
  })
  return [
    { name, measured: "a second", value: count / seconds, unit: "" },
    {
      ...{
        name,
        measured: "kinds of descriptors, streams, sockets or timers that pile up",
        unit: "",
      },
      ...{ value: grown(before, after, allowance).length, target: { atMost: 0 } },
    },
    ...perCycle,
  ]
}

async function restartRows(count: number): Promise<readonly Row[]> {
  const { isWhole, readyMs, wholeMs, processorSeconds, residentBytes } = await managerRestart(count)
  const name = `a manager with ${count} connections is killed and started again`
  return [
    { name, measured: "until it is ready", value: readyMs / 1000, unit: "s" },
    {
      ...{ name, measured: "until all are back", unit: "s" },
      ...(isWhole ? { value: wholeMs / 1000 } : { skipped: "some are not back" }),
    },
    { name, measured: "processor time of the new one by then", value: processorSeconds, unit: "s" },
    { name, measured: "its resident memory then", value: residentBytes / mebi, unit: "MiB" },
  ]
}
