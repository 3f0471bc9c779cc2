import { existsSync } from "node:fs"
import { mkdir } from "node:fs/promises"
import { dirname, join } from "node:path"
import { npm } from "../pipeline/alone/npm.ts"
import { run } from "../pipeline/command.ts"

/**
 * Finds the licence of the Node that this process runs on: beside it as in Node's own archives, or where
 * npm's package `node` installs it from, until npm tidies up. Then npm is asked for that package again.
 */
export async function nodeLicence(binary: string, temporary: string): Promise<string> {
  const name = `node-${process.platform}-${process.arch}`
  const prefix = dirname(dirname(binary))
  const places = ["LICENSE", `node_modules/${name}/LICENSE`].map((file) => join(prefix, file))
  const found = places.find((file) => existsSync(file))
  if (found !== undefined) return found
  await mkdir(temporary, { recursive: true })
  const { node: version } = process.versions
  await npm(["pack", "--silent", "--prefer-offline", `${name}@${version}`], { cwd: temporary })
  const unpack = ["-xzf", `${name}-${version}.tgz`, "package/LICENSE"]
  await run("tar", unpack, { cwd: temporary, reasonOf: () => "IMAGE_FAILED" })
  return join(temporary, "package/LICENSE")
}
