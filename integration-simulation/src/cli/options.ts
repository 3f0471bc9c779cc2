import { availableParallelism } from "node:os"
import { parseArgs } from "node:util"
import { largeWorld, type Wanted } from "../plan.ts"

/** What the command was told. */
export interface CommandOptions {
  /** Seeds to live through. */
  readonly first: number
  readonly count: number
  /** What is wanted of each, in place of what it says itself. */
  readonly wanted: Wanted
  /** Whether what happens is printed. */
  readonly trace: boolean
  readonly output: "text" | "json"
  /** How many run side by side. */
  readonly jobs: number
}

/** A command line that says nothing that can be done. */
export class UsageError extends Error {}

/** What `--help` prints. */
export const usage = `Lives through whole meshes in one process on virtual time, each from one seed, while parts crash,
messages get lost and cables are cut, and looks all the time at what must always hold.

  npm run simulate -- [options]

  --seeds N        how many seeds                                   default 100
  --first N        the first of them                                default 1
  --seed N         this one only
  --trace          print what happens, with virtual times; needs --seed
  -o json          one JSON document instead of text
  --jobs N         how many run side by side                        default: one per core

Each seed draws its own world. What is said here holds in place of that:

  --nodes N        nodes, with a manager and a forwarder each       drawn: 2 to 5
  --services N     network services                                 drawn: 1 to 3
  --endpoints N    endpoints of these                               drawn: 2 to 6
  --clients N      clients at the beginning                         drawn: 2 to 10
  --minutes N      how long faults strike                           drawn: 1 to 5
  --faults N       faults per minute, 0 for none                    drawn: 0 to 12
  --large          tens of nodes, hundreds of endpoints and clients

  --help           this

Exit status: 0 when all held, 1 when something did not, 2 when the command line is wrong. A seed that
fails prints the one command that replays it. NO_COLOR is heeded.
`

const sizes = ["nodes", "services", "endpoints", "clients", "minutes", "faults"] as const

const number = { type: "string" } as const
const flag = { type: "boolean", default: false } as const

/** Reads the command line. */
export function readOptions(args: readonly string[]): CommandOptions | "help" {
  const values = parsed(args)
  if (values.help) return "help"
  const { seed, output } = values
  if (output !== "text" && output !== "json") {
    throw new UsageError(`--output must be text or json, not "${output}"`)
  }
  if (values.trace && seed === undefined) throw new UsageError("--trace needs --seed")
  const said = sizes.flatMap((name) => {
    const value = values[name]
    const least = name === "faults" ? 0 : 1
    return value === undefined ? [] : [[name, whole(`--${name}`, value, least)] as const]
  })
  return {
    first: whole(seed === undefined ? "--first" : "--seed", seed ?? values.first ?? "1", 0),
    count: seed === undefined ? whole("--seeds", values.seeds ?? "100", 1) : 1,
    wanted: { ...(values.large && largeWorld), ...Object.fromEntries(said) },
    trace: values.trace,
    output,
    jobs: whole("--jobs", values.jobs ?? String(availableParallelism()), 1),
  }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        ...{ seeds: number, first: number, seed: number, jobs: number },
        ...{ nodes: number, services: number, endpoints: number, clients: number },
        ...{ minutes: number, faults: number },
        ...{ large: flag, trace: flag, help: flag },
        output: { type: "string", short: "o", default: "text" },
      },
    }).values
  } catch (failure) {
    throw new UsageError(failure instanceof Error ? failure.message : String(failure))
  }
}

function whole(name: string, text: string, least: number): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= least && value < 2 ** 32) return value
  throw new UsageError(`${name} must be a whole number from ${least} on, not "${text}"`)
}
