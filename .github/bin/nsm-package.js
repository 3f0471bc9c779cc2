#!/usr/bin/env node
// What each package's `build`, `lint` and `format` scripts run. Plain JavaScript, because it has to run from
// a fresh checkout and from inside node_modules, where Node strips no types.
import { spawnSync } from "node:child_process"
import { createRequire } from "node:module"
import { dirname, join, resolve } from "node:path"
import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

const usage = `Usage: nsm-package <command> [arguments]

Commands:
  lint [--fix] [path…]      lints the current folder, with rules that know types
  format [path…]            says what is not formatted in the current folder
  format --write [path…]    formats it
  bundle                    makes one file of each program that has been built, dist/main.js and
                            *.main.js: of the current package, or at the root of a workspace of all
                            that bundle

Further options go to oxlint or oxfmt.`

const config = fileURLToPath(new URL("../config/", import.meta.url))

/** Written by programs or by others, so not for people to tidy. */
const foreign = ["**/dist", "**/src/gen", "**/CHANGELOG.md", "**/node_modules"]

/** Where the program of a dependency lies: its package.json knows. */
function program(name) {
  let folder = dirname(createRequire(import.meta.url).resolve(name))
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder)
  const { bin } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))
  return resolve(folder, typeof bin === "string" ? bin : bin[name])
}

function run(name, args) {
  const { status, error } = spawnSync(process.execPath, [program(name), ...args], {
    stdio: "inherit",
  })
  if (error) throw error
  return status ?? 1
}

/** The shared settings of a program, and nothing from the folders around. */
const shared = (file) => [`--config=${join(config, file)}`, "--disable-nested-config"]

/** The whole folder, unless paths are named. */
const where = (args) => (args.every((arg) => arg.startsWith("-")) ? ["."] : [])

/** Makes one file of each program of a package. esbuild is loaded for that only. */
async function bundlePrograms(folder) {
  const { bundle, programs } = await import("./bundle.js")
  for (const { entry, file } of programs(folder)) {
    await bundle({ folder: resolve(folder), entry, outfile: resolve(folder, file) })
  }
}

/** The current package, or those of a workspace whose build bundles. */
function bundled() {
  const { workspaces = ["."] } = JSON.parse(readFileSync("package.json", "utf8"))
  return workspaces.filter((folder) => {
    const { scripts } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))
    return scripts.build.includes("nsm-package bundle")
  })
}

const commands = {
  async bundle() {
    await Promise.all(bundled().map(bundlePrograms))
    return 0
  },
  lint(args) {
    const ignored = foreign.map((path) => `--ignore-pattern=${path}`)
    return run("oxlint", [...shared("oxlint.json"), ...ignored, ...args, ...where(args)])
  },
  format(args) {
    const ignored = foreign.map((path) => `!${path}`)
    const mode = args.includes("--write") ? [] : ["--check"]
    return run("oxfmt", [...shared("oxfmt.json"), ...mode, ...args, ...where(args), ...ignored])
  },
}

const [command = "", ...args] = process.argv.slice(2)
if (Object.hasOwn(commands, command)) {
  process.exitCode = await commands[command](args)
} else {
  process.stderr.write(`${usage}\n`)
  process.exitCode = command === "--help" ? 0 : 2
}
