import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { inSuite } from "../in-suite.ts"
import { isCommand } from "../shape/kinds.ts"
import { readWorkspaces } from "../workspaces.ts"
import { readRecipe } from "./containerfile.ts"
import { imagesPage } from "./page.ts"

/** Sizes differ from one machine to the next; all else has to be as the Containerfiles say. */
function withoutSizes(page: string): string {
  return page.replaceAll(/\d+\.\d MB */g, "… ").replaceAll(/ {2,}|-{2,}/g, " ")
}

inSuite("the page about its images", (root) => {
  it("has every command, its user and what it needs", () => {
    const commands = readWorkspaces(root).filter(({ folder }) => isCommand(folder))
    const rows = commands.map(({ folder, path }) => {
      return { name: folder, ...readRecipe(path), bytes: 0, compressedBytes: 0 }
    })
    const written = readFileSync(join(root, ".github/docs/images.md"), "utf8")
    assert.equal(
      withoutSizes(written),
      withoutSizes(imagesPage(rows)),
      "docs/images.md is not up to date: npm run images -- --page writes it",
    )
  })
})

describe("a page about images", () => {
  it("says sizes as people read them", () => {
    const image = { name: "cmd-a", user: "0:0", capabilities: ["NET_ADMIN", "SYS_ADMIN"] }
    const page = imagesPage([{ ...image, bytes: 91_234_567, compressedBytes: 40_000_000 }])
    const row = page.trimEnd().split("\n").at(-1)?.split(/ +\| /)
    const cells = ["0:0", "CAP_NET_ADMIN, CAP_SYS_ADMIN", "91.2 MB", "40.0 MB    |"]
    assert.deepEqual(row?.slice(1), cells)
  })
})
