import { readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { readWorkspace, type Workspace } from "@nsm/dot-github"

/** The commands that this package names in its manifest, wherever they are installed. */
export function commands(): readonly Workspace[] {
  const own = readFileSync(new URL("../package.json", import.meta.url), "utf8")
  const { dependencies } = JSON.parse(own) as { dependencies: Readonly<Record<string, string>> }
  return Object.keys(dependencies)
    .filter((name) => name.startsWith("@nsm/cmd-"))
    .map((name) => {
      const entry = fileURLToPath(import.meta.resolve(name))
      const folder = name.slice("@nsm/".length)
      return readWorkspace(join(dirname(entry), "../.."), folder)
    })
}
