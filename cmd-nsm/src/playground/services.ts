import { fromJson, type JsonValue } from "@bufbuild/protobuf"
import { NetworkServiceSchema } from "@nsm/api"
import {
  grpcTransport,
  identified,
  registryClient,
  silentLog,
  systemClock,
  unsignedTokens,
  withCall,
} from "@nsm/sdk"
import type { Service } from "../topology/topology.ts"
import type { Domain } from "./domain.ts"

/** How long the registry may take for all of them. */
const timeoutMs = 10_000

/** Registers network services with their match rules, as an operator does. */
export async function registerServices(
  { registryUrl: url, settings }: Pick<Domain, "registryUrl" | "settings">,
  services: readonly Service[],
): Promise<void> {
  if (services.length === 0) return
  const [clock, log] = [systemClock, silentLog]
  await withCall({ clock, log, timeoutMs }, async (call) => {
    await using open = new AsyncDisposableStack()
    const agent = settings["SPIFFE_ENDPOINT_SOCKET"]
    const { connections } =
      agent === undefined
        ? { connections: { tokens: unsignedTokens() } }
        : open.use(await identified({ url: agent, signal: call.signal }))
    const transport = open.use(grpcTransport({ name: "playground", ...connections }))
    const { services: registry } = registryClient({ transport, url, signal: call.signal })
    for (const service of services) {
      await registry.register(fromJson(NetworkServiceSchema, jsonOf(service)), call)
    }
  })
}

/** The topology names fields as the protocol does. */
function jsonOf(service: Service): JsonValue {
  return JSON.parse(JSON.stringify(service)) as JsonValue
}
