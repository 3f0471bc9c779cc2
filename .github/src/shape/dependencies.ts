import { type Check, when } from "./check.ts"
import { isSpec, read, sources } from "./files.ts"
import { importsOf, packageOf } from "./imports.ts"
import { isSuite, isTooling } from "./kinds.ts"

/** package.json and the imports say the same. */
export const declaredImports: Check = {
  title: "declares what it imports, and nothing else",
  faults({ folder, path, manifest: { name, dependencies = {}, devDependencies = {} } }) {
    const files = sources(path)
    const undeclared = files.flatMap((file) =>
      importsOf(read(path, file) ?? "").flatMap((specifier) => {
        const used = packageOf(specifier)
        if (used === undefined || used === name || Object.hasOwn(dependencies, used)) return []
        const isTestOnly = Object.hasOwn(devDependencies, used)
        return isSpec(file) || file.startsWith("src/bench/")
          ? when(!isTestOnly, `${file}: ${used} is not in package.json`)
          : [`${file}: ${used} is not among the dependencies in package.json`]
      }),
    )
    const text = files.map((file) => read(path, file)).join("\n")
    const unused = Object.keys(dependencies).filter(
      (dependency) => !text.includes(`"${dependency}"`) && !text.includes(`"${dependency}/`),
    )
    return [
      ...undeclared,
      // Tooling and suites depend on programs, which they run.
      ...(isTooling(folder) || isSuite(folder)
        ? []
        : unused.map((one) => `package.json: nothing imports ${one}`)),
    ]
  },
}
