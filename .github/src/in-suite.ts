import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { skip } from "./test-all/skip.ts"

/** Describes what needs the suite around this package; where the package lies alone it is skipped. */
export function inSuite(title: string, body: (root: string) => void): void {
  describe(title, function () {
    const root = join(import.meta.dirname, "../..")
    if (isSuite(root)) body(root)
    else {
      it("needs the suite around it", function () {
        skip(this, "this package lies alone, and its test is about the suite")
      })
    }
  })
}

function isSuite(root: string): boolean {
  const file = join(root, "package.json")
  if (!existsSync(file)) return false
  const { workspaces = [] } = JSON.parse(readFileSync(file, "utf8")) as { workspaces?: string[] }
  return workspaces.includes(".github")
}
