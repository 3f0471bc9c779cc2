import semver from "semver"
import { PipelineError } from "./pipeline-error.ts"

const form = /^(|\^|~|>=)(\d+\.\d+\.\d+)( <\d+\.\d+\.\d+)?$/

/** The one version that a range names: its lowest, as in Go's modules. */
export function namedVersion(range: string, where: string): string {
  return parse(range, where).version
}

/** The same kind of range, naming another version. */
export function movedRange(range: string, version: string, where: string): string {
  const { sign, end } = parse(range, where)
  const isBelow = end === "" || semver.satisfies(version, end.trim())
  return `${sign}${version}${isBelow ? end : ` <${semver.major(version) + 1}.0.0`}`
}

/** Whether a version may break those that use the one before it. */
export function isBreaking(from: string, to: string): boolean {
  return !semver.satisfies(to, `^${from}`)
}

function parse(range: string, where: string): { sign: string; version: string; end: string } {
  const [, sign = "", version, end = ""] = form.exec(range) ?? []
  if (version === undefined || !semver.satisfies(version, range)) {
    throw new PipelineError("RANGE_IMPOSSIBLE", `${where} wants "${range}"`)
  }
  return { sign, version, end }
}
