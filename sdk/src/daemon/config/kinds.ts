import { parseDuration } from "./duration.ts"
import type { Kind } from "./setting.ts"

/** Any text. */
export const text: Kind<string> = { form: "text", parse: (value) => value }

/** Text that is not empty. */
export const name: Kind<string> = {
  form: "a name of at least one character",
  parse: (value) => found(value === "" ? undefined : value),
}

/** Whole numbers, 0 or more; also in Go's hexadecimal, octal and binary forms. */
export const integer: Kind<number> = {
  form: "a whole number such as 9000",
  parse(value) {
    const isWhole = /^(\d[\d_]*|0x[\da-f_]+|0o[0-7_]+|0b[01_]+)$/i.test(value)
    return found(isWhole ? Number(value.replaceAll("_", "")) : undefined)
  },
}

/** Yes or no, in the spellings of Go's strconv.ParseBool. */
export const boolean: Kind<boolean> = {
  form: "true or false",
  parse(value) {
    if (["1", "t", "T", "TRUE", "true", "True"].includes(value)) return true
    return found(["0", "f", "F", "FALSE", "false", "False"].includes(value) ? false : undefined)
  },
}

/** Lengths of time, 0 or more, in milliseconds. */
export const duration: Kind<number> = {
  form: "a duration such as 750ms, 10m or 1h30m",
  parse(value) {
    const ms = parseDuration(value)
    return found(ms !== undefined && ms >= 0 ? ms : undefined)
  },
}

/** Lengths of time in milliseconds, below 0 for the past. */
export const signedDuration: Kind<number> = {
  form: "a duration such as 10m, or -1m for the past",
  parse: (value) => found(parseDuration(value)),
}

/** One of a few words. */
export function oneOf<T extends string>(...words: readonly T[]): Kind<T> {
  return {
    form: `one of ${words.join(", ")}`,
    parse: (value) => found(words.find((word) => word === value)),
  }
}

/** Values between commas; no text is no value. */
export function listOf<T>({ form, parse }: Kind<T>): Kind<readonly T[]> {
  return {
    form: `a comma-separated list, each item ${form}`,
    parse: (value) => items(value).map(parse),
  }
}

/** `key:value` pairs between commas. */
export const map: Kind<Readonly<Record<string, string>>> = {
  form: "comma-separated pairs such as app:web,zone:a",
  parse: (value) =>
    Object.fromEntries(
      items(value).map((pair) => {
        const [, key, word] = /^([^:]+):(.*)$/.exec(pair) ?? []
        return [found(key).trim(), found(word).trim()]
      }),
    ),
}

/** A value that may be missing: empty text gives undefined. */
export function optional<T>({ form, parse }: Kind<T>): Kind<T | undefined> {
  return {
    form: `${form}, or nothing`,
    parse: (value) => (value === "" ? undefined : parse(value)),
  }
}

function items(value: string): readonly string[] {
  return value.trim() === "" ? [] : value.split(",").map((item) => item.trim())
}

/** Throws without a text of its own: who reads the setting says what was expected. */
function found<T>(value: T | undefined): T {
  if (value === undefined) throw new RangeError()
  return value
}
