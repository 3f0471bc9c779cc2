import { fromJson, type JsonValue } from "@bufbuild/protobuf"
import { NetworkServiceSchema } from "@nsm/api"
import { connectRegistries, grpcTransport, silentLog, systemClock, withCall } from "@nsm/sdk"
import type { Service } from "../topology/topology.ts"

/** How long the registry may take for all of them. */
const timeoutMs = 10_000

/** Registers network services with their match rules, as an operator does. */
export async function registerServices(
  registryUrl: string,
  services: readonly Service[],
): Promise<void> {
  if (services.length === 0) return
  const [clock, log] = [systemClock, silentLog]
  await using transport = grpcTransport({ name: "playground", clock, log })
  const { services: registry } = connectRegistries({ transport, url: registryUrl })
  await withCall({ clock, log, timeoutMs }, async (call) => {
    for (const service of services) {
      await registry.register(fromJson(NetworkServiceSchema, jsonOf(service)), call)
    }
  })
}

/** The topology names fields as the protocol does. */
function jsonOf(service: Service): JsonValue {
  return JSON.parse(JSON.stringify(service)) as JsonValue
}
