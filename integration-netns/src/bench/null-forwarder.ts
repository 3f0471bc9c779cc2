import { create } from "@bufbuild/protobuf"
import { NetworkServiceEndpointSchema } from "@nsm/api"
import { forwarderKernel, settings } from "@nsm/cmd-forwarder-kernel"
import {
  bind,
  connectRegistries,
  endpointKind,
  expose,
  grant,
  grpcTransport,
  networkServiceWire,
  registryClient,
  serviceKind,
  watchCache,
  withCall,
} from "@nsm/sdk"
import { daemonIdentity, daemonPolicies, runDaemon } from "@nsm/sdk/daemon"
import { descriptorSockets, type ForwarderWiring, sendEndpointFiles } from "@nsm/sdk-kernel"

// The kernel forwarder with its whole chain, which makes no wires: what is left is the control plane.

const noWires: ForwarderWiring = {
  find: async () => undefined,
  apply: async () => [],
  remove: async () => {},
  hasVni: () => false,
  isThere: () => true,
}

await runDaemon({
  command: "null-forwarder",
  manifest: new URL("../../package.json", import.meta.url),
  settings,
  async start(daemon) {
    const { config, clock, log, random, signal, tasks, metrics, use } = daemon
    const { name, connectTo: managerUrl, networkService, labels } = config
    const { connections, tokens } = await daemonIdentity(daemon)
    const policies = await daemonPolicies(daemon)
    const unixSockets = descriptorSockets({ clock })
    const reach = { name, clock, log, unixSockets, ...connections }
    const transport = use("transport", grpcTransport(reach))
    const manager = connectRegistries({ transport, url: managerUrl })
    const endpoints = bind(sendEndpointFiles({ url: managerUrl, signal }), manager.endpoints)
    const chain = forwarderKernel({
      ...{ name, transport, metrics, clock, log, random, tasks, signal },
      ...{ tokens, policies: policies.server },
      registries: {
        services: bind(watchCache(serviceKind, { signal }), manager.services),
        endpoints: bind(watchCache(endpointKind, { signal }), endpoints),
      },
      wiring: noWires,
    })
    const service = expose(networkServiceWire, bind(chain, grant))
    const { url } = use("listener", await transport.listen(config.listenOn, [service]))
    const endpoint = create(NetworkServiceEndpointSchema, {
      ...{ name, url, networkServiceNames: [networkService] },
      networkServiceLabels: { [networkService]: { labels: { ...labels } } },
    })
    const registry = registryClient({
      ...{ transport, url: managerUrl, signal, policies: policies.registryClient },
      endpointElements: [sendEndpointFiles({ url: managerUrl, signal })],
    })
    await withCall({ clock, log, signal }, (call) => registry.endpoints.register(endpoint, call))
    return { url }
  },
})
