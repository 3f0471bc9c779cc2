#!/usr/bin/env node
import {
  bind,
  expose,
  grant,
  grpcTransport,
  networkServiceWire,
  registered,
  registryClient,
  unsignedTokens,
} from "@nsm/sdk"
import { runDaemon } from "@nsm/sdk/daemon"
import { icmpResponder } from "./chain.ts"
import { settings } from "./config.ts"
import { idle } from "./idle.ts"
import { endpointEntry, serviceEntries } from "./entries.ts"
import { ownSocket } from "./own-socket.ts"

await runDaemon({
  command: "nse-icmp-responder",
  manifest: new URL("../package.json", import.meta.url),
  settings,
  async start({ config, log, clock, random, signal, metrics, use, stop }) {
    const { name, connectTo, maxTokenLifetimeMs: lifetimeMs } = config
    const tokens = unsignedTokens({ clock, lifetimeMs })
    const transport = use("transport", grpcTransport({ name, clock, log, tokens }))

    const { cidrGroups: groups, ipamPolicy, namespaceUrl, idleTimeoutMs: timeoutMs } = config
    const onIdle = (): void => stop("idle")
    const observer = idle({ clock, timeoutMs, onIdle, signal })
    const wire = { groups, ipamPolicy, namespaceUrl }
    const chain = icmpResponder({ name, tokens, random, signal, ...wire, metrics, observer })

    const socket = use("socket", await ownSocket(config.listenOn))
    const service = expose(networkServiceWire, bind(chain, grant))
    const { url } = use("listener", await transport.listen(socket.url, [service]))

    const registries = registryClient({ transport, url: connectTo, signal })
    const endpoint = endpointEntry(config, url)
    const services = config.registerService ? serviceEntries(config) : []
    const unregisters = config.unregisterItself
    const entry = { registries, services, endpoint, unregisters, clock, log, signal }
    use("registration", await registered(entry))
    return { listensOn: url, provides: config.serviceNames, namespaceUrl }
  },
})
