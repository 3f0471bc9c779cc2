#!/usr/bin/env node
import {
  expose,
  grpcTransport,
  memoryRegistries,
  networkServiceEndpointRegistryWire,
  networkServiceRegistryWire,
} from "@nsm/sdk"
import { daemonIdentity, daemonPolicies, metered, runDaemon } from "@nsm/sdk/daemon"
import { settings } from "./config.ts"

await runDaemon({
  command: "registry-memory",
  manifest: new URL("../package.json", import.meta.url),
  settings,
  async start(daemon) {
    const { config, log, clock, signal, metrics, use } = daemon
    const { connections, tokens } = await daemonIdentity(daemon)
    const { registryServer: policies } = await daemonPolicies(daemon)
    const { name } = config
    const transport = use("transport", grpcTransport({ name, clock, log, ...connections }))

    const registries = memoryRegistries({ clock, tokens, policies, signal })
    const { services, endpoints } = metered(registries, { metrics, clock })

    const listensOn: string[] = []
    for (const url of config.listenOn) {
      const listener = await transport.listen(url, [
        expose(networkServiceRegistryWire, services),
        expose(networkServiceEndpointRegistryWire, endpoints),
      ])
      listensOn.push(use("listener", listener).url)
    }
    return { listensOn }
  },
})
