import type { Clock } from "@nsm/sdk"
import { echo, type NetworkNamespace } from "@nsm/sdk-kernel"
import type { PingResult, WireStatus } from "./status.ts"

/**
 * Sends echo requests through every wire that is up or heals, from inside the client's namespace: one
 * that heals may carry packets all the time.
 */
export async function pingWires(
  wires: readonly WireStatus[],
  namespaces: ReadonlyMap<string, NetworkNamespace>,
  count: number,
  clock: Clock,
): Promise<PingResult[]> {
  const pairs = wires.flatMap((wire) => {
    const namespace = namespaces.get(wire.client)
    if (!namespace || !["up", "healing"].includes(wire.state)) return []
    return wire.addresses.client.map((address, index) => ({
      client: wire.client,
      namespace,
      source: hostPart(address),
      destination: hostPart(wire.addresses.endpoint[index] ?? ""),
    }))
  })
  return Promise.all(
    pairs.map(async ({ client, namespace, source, destination }) => {
      const result = await echo({
        namespace,
        source,
        destination,
        count,
        intervalMs: 50,
        timeoutMs: 1000,
        clock,
      })
      return { client, source, destination, ...result }
    }),
  )
}

function hostPart(address: string): string {
  return address.split("/")[0] ?? address
}
