import { registered, registryClient, type RegistryClientOptions } from "@nsm/sdk"
import type { Daemon } from "@nsm/sdk/daemon"
import { sendEndpointFiles } from "@nsm/sdk-kernel"
import type { settings } from "./config.ts"
import { forwarderEntry } from "./entry.ts"

/** Registers the forwarder at its manager, until it is disposed. */
export async function registration(
  { config, clock, log, random, signal }: Daemon<typeof settings>,
  url: string,
  manager: Pick<RegistryClientOptions, "transport" | "url" | "policies">,
): Promise<AsyncDisposable> {
  const endpointElements = [sendEndpointFiles({ url: manager.url, signal })]
  const registries = registryClient({ ...manager, random, signal, endpointElements })
  const endpoint = forwarderEntry(config, url)
  return await registered({ registries, endpoint, clock, log, signal })
}
