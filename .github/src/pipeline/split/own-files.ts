import { existsSync } from "node:fs"
import { glob, mkdir, readFile, writeFile } from "node:fs/promises"
import { dirname, join, posix } from "node:path"
import type { Manifest } from "../../workspaces.ts"
import { withoutNeighbours } from "../alone/export-alone.ts"
import type { Clone } from "../clone.ts"
import { run } from "../command.ts"
import { type LockFile, lockText } from "../lock-file.ts"
import { commonFile } from "./common-file.ts"
import { outwardLinks } from "./links.ts"
import { ownActions, ownWorkflow } from "./workflow.ts"

/** Which repository it is, and what the package is like in the suite. */
export interface OwnFilesOptions {
  /** The repository. */
  readonly path: string
  readonly folder: string
  readonly copy: Pick<Clone, "git">
  /** The commit of the suite. */
  readonly from: string
  readonly lock: LockFile
  /** The suite on the web. */
  readonly suite?: string | undefined
}

/** Writes what a package has in common with others in the suite, and needs itself outside of it. */
export async function writeOwnFiles(options: OwnFilesOptions): Promise<void> {
  const { path, copy, from, lock } = options
  const common = (file: string): Promise<string> => commonFile(copy, from, file)
  const write = async (file: string, text: string): Promise<void> => {
    await mkdir(dirname(join(path, file)), { recursive: true })
    await writeFile(join(path, file), text)
  }
  for (const file of [".gitignore", ".npmrc", "LICENSE"]) {
    const text = await common(file)
    if (text !== "" && !existsSync(join(path, file))) await write(file, text)
  }
  await withoutNeighbours(path)
  await write("package-lock.json", lockText(lock))
  const { devDependencies: { node } = {} } = JSON.parse(await common("package.json")) as Manifest
  const shared = await common(".github/workflows/_package.yaml")
  const actions = await Promise.all(
    ownActions(shared).map(async (action) => {
      return [action, await common(posix.join(action, "action.yaml"))] as const
    }),
  )
  await write(workflow, ownWorkflow({ shared, actions: new Map(actions), node }))
  await pointOutwards(options)
}

const workflow = ".github/workflows/ci.yaml"

async function pointOutwards({ path, ...where }: OwnFilesOptions): Promise<void> {
  const changed: string[] = []
  for await (const file of glob("**/*.md", { cwd: path })) {
    const text = await readFile(join(path, file), "utf8")
    const outward = outwardLinks(text, { ...where, file })
    if (outward === text) continue
    await writeFile(join(path, file), outward)
    changed.push(file)
  }
  if (changed.length === 0) return
  // A table is as wide as its longest link.
  const tool = join(import.meta.dirname, "../../../bin/nsm-package.js")
  const reasonOf = () => "CHECK_FAILED" as const
  await run(process.execPath, [tool, "format", "--write", ...changed], { cwd: path, reasonOf })
}
