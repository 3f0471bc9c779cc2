import type { Endpoint } from "../topology/topology.ts"
import { programFile } from "./programs.ts"
import {
  labelText,
  type StandingWorkload,
  startWorkload,
  type WorkloadPlace,
} from "./standing-workload.ts"

/** Makes an endpoint; its services are registered by itself unless somebody describes them. */
export async function startEndpoint(
  endpoint: Endpoint,
  registersServices: boolean,
  place: WorkloadPlace,
): Promise<StandingWorkload> {
  const { services, program, on_demand: idleTimeout } = endpoint
  const own = settingsOf(endpoint, place)
  const network =
    idleTimeout === undefined
      ? await startWorkload(endpoint, place, {
          program: program === undefined ? "cmd-nse-icmp-responder" : { file: program },
          settings: {
            ...own,
            NSM_SERVICE_NAMES: services.join(","),
            NSM_REGISTER_SERVICE: `${registersServices}`,
          },
        })
      : await startWorkload(endpoint, place, {
          program: "cmd-nse-supplier",
          settings: {
            POD_NAME: endpoint.name,
            NSM_SERVICE_NAMES: services.join(","),
            // Asked only where none of those that it starts is there.
            NSM_LABELS: labelText({ ...endpoint.labels, priority: lastPriority }),
            NSM_SUPPLY_COMMAND: commandOf(program, {
              ...own,
              NSM_IDLE_TIMEOUT: idleTimeout,
              // Only the supplier is asked how it is.
              NSM_HTTP_LISTEN_ON: "",
            }),
          },
        })
  return { kind: "endpoint", workload: endpoint, ...network }
}

/** Lower is asked before; without a label it is 0. */
const lastPriority = "1000"

function settingsOf(
  { name, cidrs, labels, payload, program }: Endpoint,
  { domain }: WorkloadPlace,
): Readonly<Record<string, string>> {
  return {
    POD_NAME: name,
    NSM_CIDR_PREFIX: cidrs.join(","),
    NSM_LABELS: labelText(labels),
    NSM_PAYLOAD: payload,
    // One of the user's own may know nothing of it.
    ...(program === undefined && {
      NSM_IPAM_STATE_FILE: `${domain.directory}/${name}.leases.json`,
    }),
  }
}

/** What a shell starts an endpoint with. */
function commandOf(
  program = programFile("cmd-nse-icmp-responder"),
  settings: Readonly<Record<string, string>>,
): string {
  const variables = Object.entries(settings).map(([name, value]) => `${name}=${quoted(value)}`)
  const command = [process.execPath, ...process.execArgv, program].map(quoted)
  return [...variables, "exec", ...command].join(" ")
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
