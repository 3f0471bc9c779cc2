import { create } from "@bufbuild/protobuf"
import { MonitorScopeSelectorSchema } from "@nsm/api"
import { grpcTransport, networkServiceWire, silentLog, systemClock, withCall } from "@nsm/sdk"

/** The ids of the connections that a hop has now, by its own account. */
export async function connectionsAt(url: string): Promise<readonly string[]> {
  await using transport = grpcTransport({ name: "onlooker" })
  const service = transport.client(url, networkServiceWire)
  return await withCall({ clock: systemClock, log: silentLog, timeoutMs: 5000 }, async (call) => {
    const all = create(MonitorScopeSelectorSchema)
    for await (const { connections } of service.monitorConnections(all, call)) {
      // The first event holds all that there are.
      return Object.keys(connections)
    }
    throw new Error(`${url} ended the stream without an event`)
  })
}
