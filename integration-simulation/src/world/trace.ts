import type { Log } from "@nsm/sdk"

/** Writes down what happens, with the world's time. */
export class Trace {
  readonly lines: string[] = []
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  add(who: string, what: string): void {
    this.lines.push(`${stamp(this.#now())} ${who.padEnd(16)} ${what}`)
  }

  /** A log whose lines stand here; those of single calls are too many. */
  log(who: string, fields: object = {}): Log {
    const write =
      (level: string) =>
      (message: string, more: object = {}): void =>
        this.add(who, `${level}: ${message}${listed({ ...fields, ...more })}`)
    return {
      error: write("error"),
      warn: write("warn"),
      info: write("info"),
      debug() {},
      child: (more) => this.log(who, { ...fields, ...more }),
    }
  }
}

/** Time since the world began: 0:01:23.456. */
export function stamp(ms: number): string {
  const [hours, minutes] = [Math.floor(ms / 3_600_000), Math.floor(ms / 60_000) % 60]
  const seconds = ((ms % 60_000) / 1000).toFixed(3)
  return `${hours}:${String(minutes).padStart(2, "0")}:${seconds.padStart(6, "0")}`
}

function listed(fields: object): string {
  return Object.entries(fields)
    .map(([name, value]) => ` ${name}=${written(value)}`)
    .join("")
}

function written(value: unknown): string {
  return value instanceof Error ? `"${value.message}"` : (JSON.stringify(value) ?? "undefined")
}
