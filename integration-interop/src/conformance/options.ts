import { parseArgs } from "node:util"
import { type Role, roles } from "./check.ts"

/** What the command is told. */
export interface CommandOptions {
  readonly address: string
  readonly role: Role
  readonly spiffeSocket: string
  readonly otherSpiffeSocket: string | undefined
  readonly manager: string | undefined
  readonly service: string | undefined
  readonly place: string
  readonly only: readonly string[]
  readonly json: string | undefined
  readonly markdown: string | undefined
}

export const usage = `Usage: npm run conformance -- --address URL --role ROLE [options]

Checks on the wire whether a part of a mesh does what the others depend on.

  --address URL              where it listens: tcp://host:port or unix:///path
  --role ROLE                what it is: ${roles.join(", ")}
  --spiffe-socket URL        SPIFFE Workload API that tells the suite who it is
                             (default: SPIFFE_ENDPOINT_SOCKET)
  --other-spiffe-socket URL  another one, which gives another id of the same trust domain; without
                             it nobody tries to take what is somebody else's
  --manager URL              the manager of a forwarder that is checked
  --service NAME             a network service that the endpoint provides that is checked
  --place PLACE              where a manager or forwarder that is checked reaches the suite, which
                             stands behind it: an address of this machine (default: 127.0.0.1), or
                             for a forwarder a folder that both see, for unix sockets: over TCP
                             forwarders offer no interfaces, but tunnels
  --only ID                  only checks whose id begins so; may be given several times
  --json FILE                writes the report as JSON, too
  --markdown FILE            writes it as Markdown, too
  --list                     lists all checks
  --help                     prints this

The exit status is 0 when no check fails, 1 when one does, 2 when the command is not understood.`

/** A command line that is not understood; says why. */
export class UsageError extends Error {}

/** Reads the command line; answers what is to be printed instead where that is asked for. */
export function readOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): CommandOptions | "help" | "list" {
  const values = parse(args)
  if (values.help === true) return "help"
  if (values.list === true) return "list"
  const { address, role: wanted } = values
  const role = roles.find((each) => each === wanted)
  const spiffeSocket = values["spiffe-socket"] ?? env["SPIFFE_ENDPOINT_SOCKET"]
  if (address === undefined) throw new UsageError("--address is missing: where does it listen?")
  checkUrl("--address", address)
  if (role === undefined) throw new UsageError(`--role must be one of ${roles.join(", ")}`)
  if (spiffeSocket === undefined) {
    throw new UsageError("--spiffe-socket is missing: who tells the suite who it is?")
  }
  if (role === "forwarder" && values.manager === undefined) {
    throw new UsageError("--manager is missing: a forwarder finds endpoints through its manager")
  }
  if (role === "nse" && values.service === undefined) {
    throw new UsageError("--service is missing: what does the endpoint provide?")
  }
  if (values.manager !== undefined) checkUrl("--manager", values.manager)
  return {
    ...{ address, role, spiffeSocket, only: values.only ?? [], place: values.place ?? "127.0.0.1" },
    otherSpiffeSocket: values["other-spiffe-socket"],
    ...{ manager: values.manager, service: values.service },
    ...{ json: values.json, markdown: values.markdown },
  }
}

function parse(args: readonly string[]) {
  const text = { type: "string" } as const
  const flag = { type: "boolean" } as const
  try {
    return parseArgs({
      args: [...args],
      options: {
        ...{ address: text, role: text, manager: text, service: text, place: text },
        ...{ "spiffe-socket": text, "other-spiffe-socket": text, json: text, markdown: text },
        ...{ only: { type: "string", multiple: true }, list: flag, help: flag },
      },
    }).values
  } catch (failure) {
    throw new UsageError(failure instanceof Error ? failure.message : String(failure))
  }
}

function checkUrl(option: string, value: string): void {
  if (/^(tcp:\/\/.+:\d+|unix:\/\/\/.+)$/.test(value)) return
  throw new UsageError(`${option} is "${value}": write tcp://host:port or unix:///path`)
}
