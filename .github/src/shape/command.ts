import { existsSync } from "node:fs"
import { join } from "node:path"
import { isDeepStrictEqual } from "node:util"
import type { Workspace } from "../workspaces.ts"
import { type Check, when } from "./check.ts"
import { read } from "./files.ts"
import { isCommand, isDaemon } from "./kinds.ts"

const longestMain = 60

/** A program has a short main; a daemon has its settings and its chain where everyone looks. */
export const command: Check = {
  title: "has, if it is a program, the files that every program has",
  faults: (workspace) => [
    ...(isCommand(workspace.folder) ? programFaults(workspace) : []),
    ...(isDaemon(workspace.folder) ? daemonFaults(workspace) : []),
  ],
}

function programFaults({ folder, path, manifest: { bin } }: Workspace): readonly string[] {
  const main = read(path, "src/main.ts")
  const name = folder.replace("cmd-", "")
  // A program is shipped as one file, which its build makes.
  const wanted = { [name]: `./dist/${name}.js` }
  const lines = main?.trimEnd().split("\n").length ?? 0
  return [
    ...when(main === undefined, "src/main.ts: missing"),
    ...when(lines > longestMain, `src/main.ts: has ${lines} lines, at most ${longestMain} wanted`),
    ...when(
      main?.startsWith("#!/usr/bin/env node\n") === false,
      "src/main.ts: begin it with #!/usr/bin/env node",
    ),
    ...when(
      !isDeepStrictEqual(bin, wanted),
      `package.json: "bin" must be ${JSON.stringify(wanted)}`,
    ),
  ]
}

function daemonFaults({ path }: Workspace): readonly string[] {
  return ["src/config.ts", "docs/chain.md"]
    .filter((file) => !existsSync(join(path, file)))
    .map((file) => `${file}: missing`)
}
