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
import {
  daemonIdentity,
  daemonPolicies,
  endpointEntry,
  ownSocket,
  runDaemon,
} from "@nsm/sdk/daemon"
import { descriptorSockets, openNamespace, sendEndpointFiles } from "@nsm/sdk-kernel"
import { Bridges } from "./bridges.ts"
import { passthroughEndpoint } from "./chain.ts"
import { settings } from "./config.ts"

await runDaemon({
  command: "nse-passthrough",
  manifest: new URL("../package.json", import.meta.url),
  settings,
  async start(daemon) {
    const { config, log, clock, random, signal, tasks, metrics, use } = daemon
    const { name, connectTo, namespaceUrl, labels, nodeName, podName, clusterName } = config
    const { connections, tokens } = await daemonIdentity(daemon)
    const policies = await daemonPolicies(daemon)
    const unixSockets = descriptorSockets({ clock })
    const reach = { name, clock, log, unixSockets, ...connections }
    const transport = use("transport", grpcTransport(reach))

    const namespace = use("namespace", openNamespace(namespaceUrl))
    const joints = new Bridges({ namespace, owner: name, log, signal })
    tasks.run("bridges", () => joints.follow())

    const chain = passthroughEndpoint({
      ...{ name, tokens, random, policies: policies.server, signal },
      ...{ connectTo, transport, labels, nodeName, podName, clusterName },
      ...{ namespaceUrl, joints, metrics },
    })
    const socket = use("socket", await ownSocket(config.listenOn))
    const service = expose(networkServiceWire, bind(chain, grant))
    const { url } = use("listener", await transport.listen(socket.url, [service]))

    const endpointElements = [sendEndpointFiles({ url: connectTo, signal })]
    const registries = registryClient({
      ...{ transport, url: connectTo, signal, endpointElements },
      policies: policies.registryClient,
    })
    const unregisters = config.unregisterItself
    const endpoint = endpointEntry(config, url)
    use("registration", await registered({ registries, endpoint, unregisters, clock, log, signal }))
    return { listensOn: url, provides: config.serviceNames, labels, namespaceUrl }
  },
})
