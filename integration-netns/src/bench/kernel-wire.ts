import { once } from "node:events"
import { NsmError } from "@nsm/sdk"
import { createNamespace, createVethPair, deleteInterface, type VethEnd } from "@nsm/sdk-kernel"
import type { Bench } from "./bench.ts"
import { median } from "./quantile.ts"

/**
 * Times the kernel's part of one wire: a veth pair with each end in its namespace, an IPv4 and an
 * IPv6 address and a route for each, both up. The same by one `ip` process per command beside it.
 */
export const kernelWire: Bench = async ({ signal, step }) => {
  using one = createNamespace()
  using two = createNamespace()
  const ends = [
    end({ namespace: one, name: "nsm-1" }, [1, 2]),
    end({ namespace: two, name: "nsm-2" }, [2, 1]),
  ] as const
  const remove = (): Promise<void> => deleteInterface(one, "nsm-1")
  const run = { signal, remove }
  step("programming wires by netlink")
  const netlink = await timed({ ...run, times: 100, build: () => createVethPair(...ends) })
  step("programming wires by ip processes")
  const processes = await timed({ ...run, times: 10, build: () => byIp(ends) })
  const name = "kernel programming of one wire, p50"
  const unit = "ms"
  return [
    { name, measured: "veth pair by netlink", value: netlink.build, unit, target: { atMost: 5 } },
    { name, measured: "the same, an ip process per command", value: processes.build, unit },
    {
      name: "kernel removing of one wire, p50",
      measured: "by netlink",
      value: netlink.remove,
      unit,
    },
  ]
}

type EndPlace = Pick<VethEnd, "namespace" | "name">

function end(place: EndPlace, [own, other]: readonly [number, number]): VethEnd {
  return {
    ...place,
    addresses: [`192.0.2.${own}/32`, `2001:db8::${own}/128`],
    routes: [{ prefix: `192.0.2.${other}/32` }, { prefix: `2001:db8::${other}/128` }],
  }
}

interface Run {
  readonly times: number
  readonly build: () => Promise<unknown>
  readonly remove: () => Promise<void>
  readonly signal: AbortSignal
}

/** Medians in milliseconds of building and of removing. */
async function timed(run: Run): Promise<{ build: number; remove: number }> {
  const building: number[] = []
  const removing: number[] = []
  for (let time = 0; time < run.times; time++) {
    run.signal.throwIfAborted()
    const start = performance.now()
    await run.build()
    const built = performance.now()
    await run.remove()
    building.push(built - start)
    removing.push(performance.now() - built)
  }
  return { build: median(building), remove: median(removing) }
}

async function byIp([one, two]: readonly [VethEnd, VethEnd]): Promise<void> {
  await ip(one, `link add ${one.name} type veth peer name ${two.name}`)
  await ip(one, `link set ${two.name} netns /proc/${process.pid}/fd/${two.namespace.fd}`)
  for (const { addresses = [], routes = [], ...place } of [one, two]) {
    await ip(place, `link set ${place.name} up`)
    for (const address of addresses) await ip(place, `addr add ${address} dev ${place.name}`)
    for (const { prefix } of routes) await ip(place, `route add ${prefix} dev ${place.name}`)
  }
}

async function ip({ namespace }: EndPlace, command: string): Promise<void> {
  const child = namespace.spawn("ip", command.split(" "), { stdio: "ignore" })
  const [code] = (await once(child, "exit")) as [number | null]
  if (code !== 0) throw new NsmError("INTERNAL", `ip ${command}: exit code ${code}`)
}
