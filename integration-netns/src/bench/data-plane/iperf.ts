import { once } from "node:events"
import { json, text } from "node:stream/consumers"
import { spawnSync } from "node:child_process"
import type { NetworkNamespace } from "@nsm/sdk-kernel"
import { exitOf } from "../../lab/exit.ts"

/** Two networks that a link joins, and the address of the far end. */
export interface Joined {
  readonly client: NetworkNamespace
  readonly server: NetworkNamespace
  /** IPv4 address of the server on the link. */
  readonly address: string
}

/** Why iperf3 cannot be used; undefined when it can. */
export function missingIperf(): string | undefined {
  const { error } = spawnSync("iperf3", ["--version"])
  return error ? "no iperf3 here; on Debian: apt-get install iperf3" : undefined
}

/** Sends TCP through a link for whole seconds; answers the gigabits per second that arrived. */
export async function throughput(
  { client, server, address }: Joined,
  seconds: number,
): Promise<number> {
  const stdio = ["ignore", "pipe", "pipe"] as const
  const wait = ["--server", "--one-off", "--bind", address, "--forceflush"]
  const receiver = server.spawn("iperf3", wait, { stdio: [...stdio] })
  const ended = exitOf(receiver)
  try {
    // It says that it listens before it does anything else.
    await once(receiver.stdout ?? receiver, "data")
    receiver.stdout?.resume()
    const order = ["--client", address, "--json", "--time", `${seconds}`]
    const sender = client.spawn("iperf3", order, { stdio: [...stdio] })
    if (!sender.stdout || !sender.stderr) throw new Error("iperf3 did not start")
    const [report, complaint] = await Promise.all([json(sender.stdout), text(sender.stderr)])
    const { error, end } = report as Report
    if (error !== undefined || !end?.sum_received) {
      throw new Error(`iperf3 to ${address} failed: ${error ?? complaint}`)
    }
    return end.sum_received.bits_per_second / 1e9
  } finally {
    receiver.kill()
    await ended
  }
}

/** What is used of iperf3's report. */
interface Report {
  readonly error?: string
  readonly end?: { readonly sum_received?: { readonly bits_per_second: number } }
}
