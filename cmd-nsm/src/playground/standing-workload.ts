import { configureInterface, createNamespace, type NetworkNamespace } from "@nsm/sdk-kernel"
import type { Client, Endpoint, Passthrough } from "../topology/topology.ts"
import { Daemon, type DaemonOptions } from "./daemon.ts"
import type { Domain } from "./domain.ts"
import type { StandingNode } from "./standing-node.ts"

/** A client, an endpoint or a link of service chains. */
export type Workload =
  | { readonly kind: "client"; readonly workload: Client }
  | { readonly kind: "endpoint"; readonly workload: Endpoint }
  | { readonly kind: "passthrough"; readonly workload: Passthrough }

/** A workload that stands: its network with one daemon in it. */
export type StandingWorkload = Workload & StandingNetwork

/** The network of a workload, with one daemon in it. */
export interface StandingNetwork extends AsyncDisposable {
  readonly namespace: NetworkNamespace
  readonly daemon: Daemon
}

/** Where a workload is made. */
export interface WorkloadPlace {
  readonly node: StandingNode
  readonly domain: Pick<Domain, "directory" | "settings">
}

/** Makes a link of service chains. */
export async function startPassthrough(
  passthrough: Passthrough,
  place: WorkloadPlace,
): Promise<StandingWorkload> {
  const { name, services, labels } = passthrough
  const network = await startWorkload(passthrough, place, {
    program: "cmd-nse-passthrough",
    settings: {
      POD_NAME: name,
      NSM_SERVICE_NAMES: services.join(","),
      NSM_LABELS: labelText(labels),
    },
  })
  return { kind: "passthrough", workload: passthrough, ...network }
}

/** Makes a client, which then asks for its wires by itself. */
export async function startClient(client: Client, place: WorkloadPlace): Promise<StandingWorkload> {
  const network = await startWorkload(client, place, {
    program: "cmd-nsc",
    settings: { POD_NAME: client.name, NSM_NETWORK_SERVICES: client.services.join(",") },
    // It serves from the start, but is ready only with all its wires.
    page: "/connections",
  })
  return { kind: "client", workload: client, ...network }
}

/** Makes the network of a workload with a daemon in it. When it fails, nothing of it is left. */
export async function startWorkload(
  { name }: Workload["workload"],
  { node, domain: { directory, settings: common } }: WorkloadPlace,
  { settings, ...what }: Pick<DaemonOptions, "program" | "settings" | "page">,
): Promise<StandingNetwork> {
  await using made = new AsyncDisposableStack()
  const namespace = made.use(createNamespace())
  // Whatever is run in it may want to talk to itself.
  await configureInterface(namespace, "lo", { isUp: true })
  const daemon = new Daemon({
    ...{ ...what, name, place: namespace, directory },
    settings: {
      ...common,
      NSM_CONNECT_TO: node.managerUrl,
      NODE_NAME: node.node.name,
      ...settings,
    },
  })
  made.use(daemon)
  await daemon.ready()
  const kept = made.move()
  return { namespace, daemon, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

/** Labels as daemons read them. */
export function labelText(labels: Endpoint["labels"]): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}:${value}`)
    .join(",")
}
