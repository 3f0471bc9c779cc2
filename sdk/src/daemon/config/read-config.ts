import { NsmError } from "../../core/errors.ts"
import type { Setting, Settings, Values } from "./setting.ts"
import { unknownVariables, type UnknownVariable } from "./unknown-variables.ts"

/** Variables by name, as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

/** A setting as it holds, and where that comes from. */
export interface Effective {
  readonly env: string
  /** As it is or would be written in the environment. */
  readonly value: string
  readonly source: "environment" | "default"
  readonly isUnused: boolean
}

/** The settings of a command, read. */
export interface Config<S extends Settings> {
  readonly values: Values<S>
  readonly effective: readonly Effective[]
  /** `NSM_*` variables that no setting of the table reads. */
  readonly unknown: readonly UnknownVariable[]
}

/**
 * Reads settings. A variable that is set counts even when it is empty, as in the Go programs.
 * Fails with INVALID_CONFIGURATION that tells of every wrong value at once.
 */
export function readConfig<S extends Settings>(settings: S, environment: Environment): Config<S> {
  const rows = Object.entries(settings)
  const problems: string[] = []
  const values = rows.map(([key, setting]) => {
    try {
      return [key, parsed(setting, environment)]
    } catch (problem) {
      problems.push((problem as Error).message)
      return [key, undefined]
    }
  })
  if (problems.length > 0) {
    throw new NsmError("INVALID_CONFIGURATION", problems.join("; "))
  }
  return {
    values: Object.fromEntries(values) as Values<S>,
    effective: rows.map(([, setting]) => effective(setting, environment)),
    unknown: unknownVariables(settings, environment),
  }
}

function effective(setting: Setting<unknown>, environment: Environment): Effective {
  const { env, isUnused = false } = setting
  const value = environment[env]
  return value === undefined
    ? { env, value: setting.default, source: "default", isUnused }
    : { env, value, source: "environment", isUnused }
}

function parsed(setting: Setting<unknown>, environment: Environment): unknown {
  const { env, kind } = setting
  const { value } = effective(setting, environment)
  try {
    return kind.parse(value.trim())
  } catch (failure) {
    const why = failure instanceof NsmError ? ` (${failure.text})` : ""
    throw new Error(`${env}=${JSON.stringify(value)}: expected ${kind.form}${why}`, {
      cause: failure,
    })
  }
}
