import { create, type MessageInitShape } from "@bufbuild/protobuf"
import { NetworkServiceEndpointSchema, NetworkServiceSchema } from "@nsm/api"
import { memoryRegistry } from "../registry/common/store.ts"
import { endpointKind, serviceKind } from "../registry/kind.ts"
import type { NetworkServiceEndpointRegistry, NetworkServiceRegistry } from "../registry/service.ts"
import { testCall } from "./call.ts"

/** What is registered for a test. */
export interface Registered {
  readonly services?: readonly MessageInitShape<typeof NetworkServiceSchema>[]
  readonly endpoints?: readonly MessageInitShape<typeof NetworkServiceEndpointSchema>[]
}

/** Registries with numbers about themselves. */
interface StoredRegistries {
  readonly services: NetworkServiceRegistry & Counts
  readonly endpoints: NetworkServiceEndpointRegistry & Counts
}

type Counts = Pick<ReturnType<typeof memoryRegistry>, "entryCount" | "watcherCount">

/** Registries in memory that hold these entries, as they are: nothing is set and nothing expires. */
export async function registriesWith({
  services = [],
  endpoints = [],
}: Registered): Promise<StoredRegistries> {
  const registries: StoredRegistries = {
    services: memoryRegistry(serviceKind),
    endpoints: memoryRegistry(endpointKind),
  }
  for (const service of services) {
    await registries.services.register(create(NetworkServiceSchema, service), testCall())
  }
  for (const endpoint of endpoints) {
    const entry = create(NetworkServiceEndpointSchema, endpoint)
    await registries.endpoints.register(entry, testCall())
  }
  return registries
}
