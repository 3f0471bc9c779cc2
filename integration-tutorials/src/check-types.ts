import { execFile } from "node:child_process"
import { writeFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { promisify } from "node:util"
import type { Step } from "./parse.ts"
import { readersFolder } from "./readers-folder.ts"

/** The strict settings of the suite, for a reader's folder and against what is built. */
const tsconfig = {
  extends: "@nsm/dot-github/config/tsconfig.json",
  compilerOptions: {
    ...{ noEmit: true, composite: false, declarationMap: false, sourceMap: false },
    ...{ customConditions: [], rootDir: ".", tsBuildInfoFile: null },
  },
  include: ["*.ts"],
}

/** What the compiler has to say about the programs of a tutorial; empty when all is well. */
export async function typeFaults(steps: readonly Step[]): Promise<string> {
  await using folder = await readersFolder()
  for (const step of steps) {
    if (step.kind === "file") await writeFile(join(folder.path, step.name), step.text)
  }
  await writeFile(join(folder.path, "tsconfig.json"), JSON.stringify(tsconfig))
  const manifest = createRequire(import.meta.url).resolve("typescript/package.json")
  const compiler = join(dirname(manifest), "bin", "tsc")
  try {
    await promisify(execFile)(process.execPath, [compiler], { cwd: folder.path })
    return ""
  } catch (failure) {
    return (failure as { readonly stdout: string }).stdout
  }
}
