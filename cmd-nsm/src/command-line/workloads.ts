import type { Command } from "commander"
import { exec } from "../commands/exec.ts"
import { logs } from "../commands/logs.ts"
import { ping } from "../commands/ping.ts"
import { remove } from "../commands/remove.ts"
import { meantPlayground } from "../session/playgrounds.ts"
import type { Format } from "../view/output.ts"
import type { Environment } from "./environment.ts"
import { output, positive, subcommand, whichPlayground } from "./options.ts"

interface Named {
  readonly name?: string
}

interface PingOptions extends Named {
  readonly count: number
  readonly output: Format
}

/** Commands that do something with nodes and workloads. */
export function workloadCommands(root: Command, { context }: Environment): void {
  subcommand(root, "remove", "take workloads, or nodes without any, out of a playground")
    .argument("<name...>", "workloads' or nodes' names")
    .addOption(whichPlayground())
    .action(async (names: readonly string[], { name }: Named) =>
      remove(await meantPlayground(name), names, context()),
    )

  subcommand(root, "logs", "print what a process of a playground has logged")
    .argument("<process>", "its name, as status -o wide shows it")
    .addOption(whichPlayground())
    .action(async (process: string, { name }: Named) => logs(await meantPlayground(name), process))

  subcommand(root, "ping", "send echo requests through every wire, from inside the clients")
    .option("-c, --count <requests>", "how many through each address pair", positive, 3)
    .addOption(output())
    .addOption(whichPlayground())
    .action(async ({ name, count, output: format }: PingOptions) =>
      ping(await meantPlayground(name), count, format),
    )

  subcommand(root, "exec", "run a command in the network of a workload or node")
    .argument("<where>", "a workload's or node's name")
    .argument("<command...>", "what to run, with its options")
    .addOption(whichPlayground())
    // What stands behind the name is the command's, as with docker and kubectl.
    .passThroughOptions()
    .action(async (where: string, words: readonly string[], { name }: Named, self: Command) => {
      const [first, ...others] = words
      if (where === "--" || (first?.startsWith("-") && first !== "--")) {
        self.error("error: name the workload or node first, and nsm's own options before it")
      }
      process.exitCode = await exec(
        await meantPlayground(name),
        where,
        first === "--" ? others : words,
      )
    })
}
