#!/usr/bin/env node
import {
  expose,
  grpcTransport,
  memoryRegistries,
  networkServiceEndpointRegistryWire,
  networkServiceRegistryWire,
  unsignedTokens,
} from "@nsm/sdk"
import { metered, runDaemon } from "@nsm/sdk/daemon"
import { settings } from "./config.ts"

await runDaemon({
  command: "registry-memory",
  manifest: new URL("../package.json", import.meta.url),
  settings,
  async start({ config, log, clock, signal, metrics, use }) {
    const { name, maxTokenLifetimeMs: lifetimeMs } = config
    const tokens = unsignedTokens({ clock, lifetimeMs })
    const transport = use("transport", grpcTransport({ name, clock, log, tokens }))

    const registries = memoryRegistries({ clock, tokens, signal })
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
