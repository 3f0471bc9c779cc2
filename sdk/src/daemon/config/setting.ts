/** How the text of a setting is read. */
export interface Kind<T> {
  /** What a value looks like; finishes the sentence "expected …". */
  readonly form: string
  /** Reads a value. Throws when the text does not have the form. */
  readonly parse: (text: string) => T
}

/** One row of a command's table of settings. */
export interface Setting<T> {
  /** Name of the environment variable. */
  readonly env: string
  readonly kind: Kind<T>
  /** The value that holds when the variable is not set, written as it would be there. */
  readonly default: string
  /** One line. */
  readonly description: string
  /** Known from the Go programs and accepted, but without effect so far. @default false */
  readonly isUnused?: boolean
}

/** All settings of a command. The one table for reading, `--help`, `--print-config` and README. */
export type Settings = Readonly<Record<string, Setting<unknown>>>

/** What the settings of a table come to. */
export type Values<S extends Settings> = {
  readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never
}
