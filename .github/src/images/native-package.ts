import { globSync } from "node:fs"
import { createRequire } from "node:module"
import { basename, dirname, join } from "node:path"
import type { Layout } from "./layout.ts"
import { type PackageInside, packageAt } from "./packages-inside.ts"

/**
 * Lays out a package that cannot be bundled, since it loads native code: itself, and what npm has
 * installed of its builds for platforms. Sources, documents and builds for another libc stay behind.
 */
export async function layOutNative(
  layout: Layout,
  name: string,
  from: string,
): Promise<readonly PackageInside[]> {
  const main = packageAt(dirname(createRequire(from).resolve(name)))
  const around = createRequire(join(main.path, "package.json"))
  const builds = Object.keys(main.optionalDependencies).flatMap((build) => {
    try {
      return [packageAt(dirname(around.resolve(build)))]
    } catch {
      // It is for another platform.
      return []
    }
  })
  const all = [main, ...builds]
  for (const one of all) {
    for (const file of globSync("**/*.{js,cjs,json,node}", { cwd: one.path, exclude: isLeft })) {
      await layout.copy(join(one.path, file), join("node_modules", one.name, file))
    }
  }
  return all
}

function isLeft(file: string): boolean {
  return /^(doc|vendor|node_modules|musl_\w+)$/.test(basename(file))
}
