import { Gauge, type Registry } from "prom-client"
import { element, type Element } from "../core/chain.ts"
import type { NetworkService } from "../networkservice/service.ts"

/**
 * Counts connections by mechanism.
 *
 * Placement: after `begin`, so that closes by timeout are seen too.
 */
export function connectionMetrics(metrics: Registry): Element<NetworkService> {
  const connections = new Gauge({
    name: "nsm_connections",
    help: "Connections that are established, by mechanism towards the client",
    labelNames: ["mechanism"],
    registers: [metrics],
  })
  const mechanisms = new Map<string, string>()
  const forget = (id: string): void => {
    const mechanism = mechanisms.get(id)
    if (mechanism === undefined) return
    mechanisms.delete(id)
    connections.dec({ mechanism })
  }
  return element("connection-metrics", (next) => ({
    async request(request, call) {
      const granted = await next.request(request, call)
      const mechanism = granted.mechanism?.type ?? ""
      if (mechanisms.get(granted.id) !== mechanism) {
        forget(granted.id)
        mechanisms.set(granted.id, mechanism)
        connections.inc({ mechanism })
      }
      return granted
    },
    async close(connection, call) {
      try {
        await next.close(connection, call)
      } finally {
        forget(connection.id)
      }
    },
  }))
}
