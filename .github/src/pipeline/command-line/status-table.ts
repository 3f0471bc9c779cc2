import type { PackageStatus, UpdateStatus } from "../status.ts"
import { table } from "./table.ts"

/** How all packages stand, with a line for each update. */
export function statusTable(packages: readonly PackageStatus[]): string {
  const rows = packages.flatMap(({ folder, version, released = "-", notes, updates }) => {
    const [first = "-", ...others] = updates.map(updateText)
    const own = [folder, version, released, `${notes.length}`, first]
    return [own, ...others.map((text) => ["", "", "", "", text])]
  })
  return table(["PACKAGE", "VERSION", "RELEASED", "NOTES", "UPDATE"], rows)
}

function updateText({ upstream, version, state, checks, why }: UpdateStatus): string {
  const said = checks === undefined ? state : `${state}, checks: ${checks}`
  return `${upstream} to ${version}: ${said}${why === undefined ? "" : `: ${why}`}`
}
