import { type Command, Option } from "commander"
import { add } from "../commands/add.ts"
import { meantPlayground } from "../session/playgrounds.ts"
import { withProgram } from "../topology/load.ts"
import type { Payload } from "../topology/topology.ts"
import type { Environment } from "./environment.ts"
import { labels, several, subcommand, whichPlayground } from "./options.ts"

interface Named {
  readonly name?: string
}

interface EndpointOptions extends Named {
  readonly node: string
  readonly service: readonly string[]
  readonly cidr?: readonly string[]
  readonly label?: Readonly<Record<string, string>>
  readonly payload?: Payload
  readonly program?: string
}

interface ClientOptions extends Named {
  readonly node: string
  readonly service: readonly string[]
}

/** `nsm add`: nodes and workloads for a playground that is up. */
export function addCommands(root: Command, { context }: Environment): void {
  const parent = subcommand(root, "add", "add to a playground that is up")

  subcommand(parent, "node", "add a node with its manager and forwarder")
    .argument("<node>", "its name")
    .addOption(whichPlayground())
    .action(async (node: string, { name }: Named) =>
      add(await meantPlayground(name), { nodes: [{ name: node }] }, context()),
    )

  subcommand(parent, "endpoint", "add a workload that provides network services")
    .argument("<endpoint>", "its name")
    .requiredOption("--node <node>", "where it stands")
    .requiredOption("--service <name>", "what it provides; may be given several times", several)
    .option(
      "--cidr <pool>",
      "addresses, a pair from each pool for every wire; may be given several times",
      several,
    )
    .option("--label <key=value>", "for match rules; may be given several times", labels)
    .addOption(
      new Option("--payload <payload>", "what the wires carry (default: ETHERNET)").choices([
        "ETHERNET",
        "IP",
      ]),
    )
    .option("--program <file>", "an endpoint of your own, in TypeScript or JavaScript")
    .addOption(whichPlayground())
    .action(async (endpoint: string, options: EndpointOptions) => {
      const { name, node, service, cidr, label, payload, program } = options
      const described = {
        name: endpoint,
        node,
        services: service,
        ...(cidr && { cidrs: cidr }),
        ...(label && { labels: label }),
        ...(payload && { payload }),
        ...(program !== undefined && { program }),
      }
      const endpoints = [withProgram(described, ".")]
      await add(await meantPlayground(name), { endpoints }, context())
    })

  subcommand(parent, "client", "add a workload that asks for wires")
    .argument("<client>", "its name")
    .requiredOption("--node <node>", "where it stands")
    .requiredOption(
      "--service <url>",
      "what it asks for, kernel://service[/interface][?label=value]; may be given several times",
      several,
    )
    .addOption(whichPlayground())
    .action(async (client: string, { name, node, service: services }: ClientOptions) =>
      add(await meantPlayground(name), { clients: [{ name: client, node, services }] }, context()),
    )
}
