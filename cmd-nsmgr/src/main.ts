#!/usr/bin/env node
import {
  bind,
  expose,
  followPrefixFile,
  grant,
  grpcTransport,
  networkServiceEndpointRegistryWire,
  networkServiceRegistryWire,
  networkServiceWire,
  publicUrl as reachableUrl,
} from "@nsm/sdk"
import { daemonIdentity, daemonPolicies, metered, runDaemon } from "@nsm/sdk/daemon"
import { answerEndpointFiles, descriptorSockets } from "@nsm/sdk-kernel/descriptors"
import { managerDaemon } from "./chain.ts"
import { settings } from "./config.ts"
import { nodeRegistries, placeLabels, upstream } from "./registries.ts"

await runDaemon({
  command: "nsmgr",
  manifest: new URL("../package.json", import.meta.url),
  settings,
  async start(daemon) {
    const { config, log, clock, random, signal, metrics, use } = daemon
    const { name, listenOn, dialTimeoutMs } = config
    const { connections, tokens } = await daemonIdentity(daemon)
    const policies = await daemonPolicies(daemon)
    const unixSockets = descriptorSockets({ clock })
    const reach = { name, clock, log, dialTimeoutMs, unixSockets, ...connections }
    const transport = use("transport", grpcTransport(reach))

    const first = listenOn.find((url) => url.startsWith("tcp:")) ?? listenOn[0] ?? ""
    const publicUrl = reachableUrl(first)
    const labels = placeLabels(config)
    const domain = upstream(daemon, transport)
    const known = { upstream: domain, publicUrl, labels, clock, tokens, signal }
    const judged = { ...policies.registryServer, ...policies.registryClient }
    const registries = nodeRegistries({ ...known, policies: judged })
    const served = metered(registries, { metrics, clock })

    const path = config.excludedPrefixesFile
    const excluded = use("excluded prefixes", await followPrefixFile({ path, clock, log }))
    const { forwarderService, nodeName, podName, clusterName } = config
    const place = { nodeName, podName, clusterName }
    const options = { name, tokens, random, signal, transport, registries, publicUrl, ...place }
    const serving = { excluded, forwarderService, policies: policies.server, metrics }
    const chain = managerDaemon({ ...options, ...serving })

    const services = [
      expose(networkServiceWire, bind(chain, grant)),
      expose(networkServiceRegistryWire, served.services),
      expose(networkServiceEndpointRegistryWire, bind(answerEndpointFiles(), served.endpoints)),
    ]
    for (const url of listenOn) use("listener", await transport.listen(url, services))
    return { listensOn: listenOn, publicUrl }
  },
})
