import { isDeepStrictEqual } from "node:util"
import { type Check, when } from "./check.ts"
import { readJson } from "./files.ts"
import { isTooling } from "./kinds.ts"

/** tsconfig.json is `extends` and `references`, and those follow from package.json. */
export const tsconfig: Check = {
  title: "has a tsconfig.json that only extends and refers",
  faults({ folder, path, manifest: { dependencies = {} } }, all) {
    const references = all
      .filter(({ manifest }) => Object.hasOwn(dependencies, manifest.name))
      .map((upstream) => ({ path: `../${upstream.folder}` }))
    const wanted = isTooling(folder)
      ? { extends: "./config/tsconfig.json" }
      : { extends: "@nsm/dot-github/config/tsconfig.json", references }
    return when(
      !isDeepStrictEqual(readJson(path, "tsconfig.json"), wanted),
      `tsconfig.json: must be ${JSON.stringify(wanted)}`,
    )
  },
}
