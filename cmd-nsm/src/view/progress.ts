import { styleText } from "node:util"

/** Says on standard error what is being done; standard output stays for results. */
export interface Progress {
  readonly step: (text: string) => void
  readonly warn: (text: string) => void
}

/** Steps with the seconds since the start; coloured on terminals unless NO_COLOR is set. */
export function progress(quiet: boolean): Progress {
  const start = performance.now()
  const paint = (format: Parameters<typeof styleText>[0], text: string): string =>
    styleText(format, text, { stream: process.stderr })
  const seconds = (): string => `${((performance.now() - start) / 1000).toFixed(1)} s`.padStart(7)
  return {
    step(text) {
      if (!quiet) process.stderr.write(`${paint("dim", seconds())}  ${text}\n`)
    },
    warn(text) {
      process.stderr.write(`${paint("yellow", "warning")}  ${text}\n`)
    },
  }
}
