import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { exitOf } from "@nsm/integration-netns"

const folder = fileURLToPath(new URL("../../go/", import.meta.url))

/** Beside what the compiler makes, which git does not keep. */
const file = fileURLToPath(new URL("../../dist/go/nsm-go", import.meta.url))

/** Longest that modules may take to come, and the program to be built from nothing. */
const limitMs = 600_000

/** The program that runs the Go side, or why there is none on this machine. */
export type GoProgram = { readonly file: string } | { readonly missing: string }

let program: Promise<GoProgram> | undefined

/** Builds the Go side, once in the life of this process; what is up to date takes a second. */
export function goProgram(): Promise<GoProgram> {
  program ??= build()
  return program
}

async function build(): Promise<GoProgram> {
  const found = await go("version")
  if (!found.isFine) return { missing: `no Go toolchain: ${found.said}` }
  const modules = await go("mod", "download")
  if (!modules.isFine) return { missing: `no Go modules: ${modules.said}` }
  const built = await go("build", "-trimpath", "-o", file, ".")
  // What is wrong in the program itself is no reason to skip.
  if (!built.isFine) throw new Error(`the Go side cannot be built:\n${built.said}`)
  return { file }
}

async function go(...args: readonly string[]) {
  const child = spawn("go", args, {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
    timeout: limitMs,
  })
  let said = ""
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text))
  const exit = await exitOf(child).catch((failure: unknown) => {
    said += String(failure)
    return { code: 1 }
  })
  const lines = said.trim().split("\n")
  return { isFine: exit.code === 0, said: lines.slice(-5).join("; ") }
}
