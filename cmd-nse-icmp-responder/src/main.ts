#!/usr/bin/env node
import {
  bind,
  expose,
  grant,
  grpcTransport,
  networkServiceWire,
  registered,
  registryClient,
} from "@nsm/sdk"
import { daemonIdentity, runDaemon } from "@nsm/sdk/daemon"
import { icmpResponder } from "./chain.ts"
import { settings } from "./config.ts"
import { idle } from "./idle.ts"
import { endpointEntry, serviceEntries } from "./entries.ts"
import { ownSocket } from "./own-socket.ts"

await runDaemon({
  command: "nse-icmp-responder",
  manifest: new URL("../package.json", import.meta.url),
  settings,
  async start(daemon) {
    const { config, log, clock, random, signal, metrics, use, stop } = daemon
    const { name, connectTo } = config
    const { connections, tokens } = await daemonIdentity(daemon)
    const transport = use("transport", grpcTransport({ name, clock, log, ...connections }))

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
