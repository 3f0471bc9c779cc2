import { fromJson, type JsonValue } from "@bufbuild/protobuf"
import { NetworkServiceSchema } from "@nsm/api"
import type { Service } from "../topology/topology.ts"
import type { Domain } from "./domain.ts"
import { withRegistries } from "./registries.ts"

/** Registers network services with their match rules, as an operator does. */
export async function registerServices(
  { registryUrl: url, settings }: Pick<Domain, "registryUrl" | "settings">,
  services: readonly Service[],
): Promise<void> {
  if (services.length === 0) return
  await withRegistries({ url, settings }, async (registries, call) => {
    for (const service of services) {
      await registries.services.register(fromJson(NetworkServiceSchema, jsonOf(service)), call)
    }
  })
}

/** The topology names fields as the protocol does. */
function jsonOf(service: Service): JsonValue {
  return JSON.parse(JSON.stringify(service)) as JsonValue
}
