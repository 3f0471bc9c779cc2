import { systemClock } from "@nsm/sdk"
import { type Command, Option } from "commander"
import { demo } from "../commands/demo.ts"
import { down } from "../commands/down.ts"
import { list } from "../commands/list.ts"
import { refuseMissing } from "../commands/missing-wires.ts"
import { currentStatus, status, statusText } from "../commands/status.ts"
import { up } from "../commands/up.ts"
import { watch } from "../commands/watch.ts"
import { waitForWires } from "../commands/wait-for-wires.ts"
import { meantPlayground } from "../session/playgrounds.ts"
import { loadTopology } from "../topology/load.ts"
import { formats, type Format, print } from "../view/output.ts"
import type { Environment } from "./environment.ts"
import { output, playgroundName, positive, subcommand, whichPlayground } from "./options.ts"

interface StatusOptions {
  readonly name?: string
  readonly output: Format
  readonly watch?: true
  readonly wait?: number
}

/** ECMA-48: cursor to the first column of the first line, and erase the display. */
const clearScreen = "\u001B[H\u001B[2J"

/** Commands that bring playgrounds up, show them, and take them away. */
export function playgroundCommands(root: Command, { context }: Environment): void {
  subcommand(
    root,
    "demo",
    "bring a mesh up on this machine, ping through its wires, show it, take it away",
  )
    .addOption(output())
    .action((options: { output: Format }) => demo(options.output, context()))

  subcommand(root, "up", "bring a playground up and leave it running")
    .option(
      "-f, --file <topology.yaml>",
      "what to bring up, - for standard input (default: what the demo shows)",
    )
    .addOption(
      new Option("-n, --name <playground>", "its name (default: the one in the file)").argParser(
        playgroundName,
      ),
    )
    .addOption(output(formats))
    .action(async (options: { file?: string; name?: string; output: Format }) => {
      const described = await loadTopology(options.file)
      const topology = { ...described, name: options.name ?? described.name }
      const { wires } = await up(topology, context())
      print(statusText(await currentStatus(topology.name), options.output))
      refuseMissing(wires)
    })

  subcommand(root, "down", "take a playground away; harmless when there is none")
    .argument("[playground]", 'which playground (default: "default")', playgroundName)
    .addOption(new Option("-n, --name <playground>", "the same").argParser(playgroundName))
    .action((which: string | undefined, { name }: { name?: string }) =>
      down(which ?? name ?? "default", context()),
    )

  subcommand(root, "list", "show which playgrounds are up")
    .addOption(output())
    .action((options: { output: Format }) => list(options.output))

  subcommand(root, "status", "show nodes, workloads and wires")
    .option("-w, --watch", "print it again whenever it has changed, until Ctrl-C")
    .option("--wait <seconds>", "wait as long as this for all wires before", positive)
    .addOption(output(formats))
    .addOption(whichPlayground())
    .action(
      async ({ output: format, watch: isWatched, wait: seconds, ...options }: StatusOptions) => {
        const { signal } = context()
        const name = await meantPlayground(options.name)
        const look = () => currentStatus(name)
        if (seconds)
          await waitForWires({ look, clock: systemClock, signal, limitMs: seconds * 1000 })
        if (!isWatched) return status(name, format)
        // On a terminal each takes the place of the one before.
        const show = (text: string): void =>
          print(process.stdout.isTTY ? `${clearScreen}${text}` : `${text}\n`)
        await watch({ format, look, clock: systemClock, signal, show })
      },
    )
}
