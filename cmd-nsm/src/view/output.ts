import { NsmError } from "@nsm/sdk"

/** How results are printed. */
export const formats = ["table", "wide", "json"] as const

/** One of the formats of `-o`. */
export type Format = (typeof formats)[number]

/** Reads the value of `-o`. */
export function parseFormat(value: string): Format {
  const format = formats.find((known) => known === value)
  if (!format)
    throw new NsmError("INVALID_CONFIGURATION", `-o ${value}: choose one of ${formats.join(", ")}`)
  return format
}

/** Prints a result on standard output. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** Prints one JSON document on standard output. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2))
}
