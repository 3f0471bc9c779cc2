import type { PackageStatus, UpdateStatus } from "../status.ts"
import type { Findings } from "../forge/findings.ts"
import { durationText } from "../wave/duration.ts"
import { table } from "./table.ts"

/** How all packages stand, with a line for each update. */
export function statusTable(packages: readonly PackageStatus[]): string {
  const rows = packages.flatMap(({ folder, version, released = "-", notes, updates, checked }) => {
    const [first = "-", ...others] = updates.map(updateText)
    const own = [folder, version, released, `${notes.length}`, checkedText(checked), first]
    return [own, ...others.map((text) => ["", "", "", "", "", text])]
  })
  return table(["PACKAGE", "VERSION", "RELEASED", "NOTES", "LAST CHECKED", "UPDATE"], rows)
}

function checkedText(checked: Findings | undefined): string {
  if (!checked) return "-"
  const { verdict, ms, failed } = checked
  const where = failed ? ` in ${failed.step}` : ""
  return `${verdict}${where}, ${durationText(ms)}`
}

function updateText({ upstream, version, state, checks, why }: UpdateStatus): string {
  const said = checks === undefined ? state : `${state}, checks: ${checks}`
  return `${upstream} to ${version}: ${said}${why === undefined ? "" : `: ${why}`}`
}
