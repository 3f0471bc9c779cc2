import type { Command } from "commander"
import { exec } from "../commands/exec.ts"
import { ping } from "../commands/ping.ts"
import type { Format } from "../view/output.ts"
import { output, positive, subcommand, whichPlayground } from "./options.ts"

interface PingOptions {
  readonly name: string
  readonly count: number
  readonly output: Format
}

/** Commands that do something inside workloads. */
export function workloadCommands(root: Command): void {
  subcommand(root, "ping", "send echo requests through every wire, from inside the clients")
    .option("-c, --count <requests>", "how many through each address pair", positive, 3)
    .addOption(output())
    .addOption(whichPlayground())
    .action(({ name, count, output: format }: PingOptions) => ping(name, count, format))

  subcommand(root, "exec", "run a command in the network of a workload or node")
    .argument("<where>", "a workload's or node's name")
    .argument("<command...>", "what to run, with its options")
    .addOption(whichPlayground())
    // What stands behind the name is the command's, as with docker and kubectl.
    .passThroughOptions()
    .action(
      async (where: string, words: readonly string[], { name }: ExecOptions, self: Command) => {
        const [first, ...others] = words
        if (where === "--" || (first?.startsWith("-") && first !== "--")) {
          self.error("error: name the workload or node first, and nsm's own options before it")
        }
        process.exitCode = await exec(name, where, first === "--" ? others : words)
      },
    )
}

interface ExecOptions {
  readonly name: string
}
