import { readFileSync } from "node:fs"
import { Argument, Command, InvalidArgumentError, Option } from "commander"
import { demo } from "./commands/demo.ts"
import { down } from "./commands/down.ts"
import { exec } from "./commands/exec.ts"
import { ping } from "./commands/ping.ts"
import { status } from "./commands/status.ts"
import { loadTopology, up } from "./commands/up.ts"
import { completion, shells, type Shell } from "./completion.ts"
import { exitCodes } from "./exit-code.ts"
import { ask } from "./session/control.ts"
import { sessionDirectory } from "./session/directory.ts"
import { formats, type Format, print, printJson } from "./view/output.ts"
import { progress } from "./view/progress.ts"

const exitHelp = `
Exit status: 0 done, 1 failed, 2 wrong usage or file, 3 nothing answers, 4 not allowed, 5 timed out.
NO_COLOR turns colours off.`

/** The command line of `nsm`. */
export function program(signal: AbortSignal): Command {
  const root = new Command("nsm")
    .description("Network Service Mesh: ask for a network service by name, get a virtual wire.")
    .version(version(), "-V, --version", "print the version")
    .option("-q, --quiet", "do not say what is being done")
    .option("--no-color", "do not colour (as NO_COLOR)")
    .hook("preAction", () => {
      if (root.opts()["color"] === false) process.env["NO_COLOR"] = "1"
    })
    .addHelpText("after", exitHelp)
    .showSuggestionAfterError()
    .exitOverride((error) => {
      process.exit(error.exitCode === 0 ? exitCodes.ok : exitCodes.usage)
    })
  const context = () => ({ progress: progress(root.opts()["quiet"] === true), signal })
  const output = () =>
    new Option("-o, --output <format>", "how to print").choices(formats).default("table")
  const name = () => new Option("-n, --name <playground>", "which playground").default("default")

  command(
    root,
    "demo",
    "bring a mesh up on this machine, ping through its wires, show it, take it away",
  )
    .addOption(output())
    .action(({ output }: { output: Format }) => demo(output, context()))

  command(root, "up", "bring a playground up and leave it running")
    .option("-f, --file <topology.yaml>", "what to bring up (default: what the demo shows)")
    .addOption(output())
    .action(async ({ file, output }: { file?: string; output: Format }) => {
      const topology = await loadTopology(file)
      await up(topology, context())
      await status(topology.name, output)
    })

  command(root, "down", "take a playground away; harmless when there is none")
    .argument("[playground]", "which playground", "default")
    .action((which: string) => down(which, context()))

  command(root, "status", "show nodes, workloads and wires")
    .addOption(output())
    .addOption(name())
    .action((options: { output: Format; name: string }) => status(options.name, options.output))

  command(root, "ping", "send echo requests through every wire, from inside the clients")
    .option("-c, --count <requests>", "how many through each address pair", positive, 3)
    .addOption(output())
    .addOption(name())
    .action((o: { count: number; output: Format; name: string }) => ping(o.name, o.count, o.output))

  command(root, "exec", "run a command in the network of a workload or node")
    .argument("<where>", "a workload's or node's name")
    .argument("<command...>", "what to run; write -- before it when it has options")
    .addOption(name())
    .action(async (where: string, command: string[], options: { name: string }) => {
      process.exitCode = await exec(options.name, where, command)
    })

  const add = command(root, "add", "add to a playground that is up")
  const added = async (to: string, addition: object): Promise<void> => {
    await ask(sessionDirectory(to), "add", addition, context().progress.step)
  }
  command(add, "node", "add a node with its manager and forwarder")
    .argument("<node>", "its name")
    .addOption(name())
    .action((node: string, o: { name: string }) => added(o.name, { nodes: [{ name: node }] }))
  command(add, "endpoint", "add a workload that provides network services")
    .argument("<endpoint>", "its name")
    .requiredOption("--node <node>", "where it stands")
    .requiredOption("--service <name...>", "what it provides")
    .option("--cidr <pool...>", "address pools, one pair of addresses from each for every wire")
    .option("--label <key=value...>", "labels for match rules")
    .option("--payload <payload>", "ETHERNET or IP")
    .addOption(name())
    .action((endpoint: string, o: EndpointOptions) => {
      const { node, service: services, cidr: cidrs, payload } = o
      const labels = o.label && labelsOf(o.label)
      return added(o.name, {
        endpoints: [{ name: endpoint, node, services, cidrs, labels, payload }],
      })
    })
  command(add, "client", "add a workload that asks for wires")
    .argument("<client>", "its name")
    .requiredOption("--node <node>", "where it stands")
    .requiredOption(
      "--service <url...>",
      "what it asks for: kernel://service[/interface][?label=value]",
    )
    .addOption(name())
    .action((client: string, o: ClientOptions) =>
      added(o.name, { clients: [{ name: client, node: o.node, services: o.service }] }),
    )

  command(root, "completion", "print a completion script for a shell")
    .addArgument(new Argument("<shell>").choices(shells))
    .action((shell: Shell) => print(completion(shell, root)))

  command(root, "version", "print the version")
    .addOption(output())
    .action(({ output }: { output: Format }) =>
      output === "json" ? printJson({ schemaVersion: 1, client: version() }) : print(version()),
    )
  return root
}

interface EndpointOptions {
  readonly name: string
  readonly node: string
  readonly service: string[]
  readonly cidr?: string[]
  readonly label?: string[]
  readonly payload?: string
}

interface ClientOptions {
  readonly name: string
  readonly node: string
  readonly service: string[]
}

/** A subcommand that inherits how errors end the program. */
function command(parent: Command, name: string, description: string): Command {
  return parent.command(name).description(description).copyInheritedSettings(parent)
}

function labelsOf(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [key = "", value = ""] = pair.split("=", 2)
      return [key, value]
    }),
  )
}

function positive(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError("give a whole number above 0")
  return value
}

function version(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL("../package.json", import.meta.url), "utf8"),
  )
  return (manifest as { version: string }).version
}
