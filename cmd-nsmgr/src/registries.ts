import { Label } from "@nsm/api"
import {
  connectRegistries,
  managerRegistries,
  type ManagerRegistriesOptions,
  type Transport,
} from "@nsm/sdk"
import { type Daemon, followHealth } from "@nsm/sdk/daemon"
import { receiveEndpointFiles } from "@nsm/sdk-kernel/descriptors"
import type { settings } from "./config.ts"

/** The domain's registry, whose health the manager's readiness hangs on; undefined for one's own. */
export function upstream(
  { config, clock, log, readiness, tasks }: Daemon<typeof settings>,
  transport: Transport,
): ManagerRegistriesOptions["upstream"] {
  const { registryUrl: url } = config
  if (url === undefined) return undefined
  const need = readiness.needs("registry")
  tasks.run("registry's health", (signal) =>
    followHealth({ transport, url, need, clock, log }, signal),
  )
  return connectRegistries({ transport, url })
}

/** The registries as this daemon keeps them for its node, with the sockets of the endpoints there. */
export function nodeRegistries(
  options: Omit<ManagerRegistriesOptions, "endpointElements">,
): ReturnType<typeof managerRegistries> {
  return managerRegistries({ ...options, endpointElements: [receiveEndpointFiles()] })
}

/** Labels that say where the endpoints of this manager run. */
export function placeLabels({
  nodeName,
  podName,
  clusterName,
}: Daemon<typeof settings>["config"]): Readonly<Record<string, string>> {
  const place = {
    [Label.nodeName]: nodeName,
    [Label.podName]: podName,
    [Label.clusterName]: clusterName,
  }
  return Object.fromEntries(Object.entries(place).filter(([, value]) => value !== ""))
}
