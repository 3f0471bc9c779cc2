import { release } from "../release.ts"
import type { CommandKit } from "./command-kit.ts"
import { stepCommand } from "./step-command.ts"
import { table } from "./table.ts"

/** Adds the command of the step `release`. */
export function releaseCommand(kit: CommandKit): void {
  stepCommand(kit, {
    name: "release",
    description: "make versions, changelogs and tags from the release notes",
    run: async (options) => ({ releases: await release(options) }),
    show({ releases }) {
      if (releases.length === 0) return "Nothing to release."
      const rows = releases.map(({ name, version }) => [name, version])
      return table(["PACKAGE", "VERSION"], rows)
    },
  })
}
