import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import type { Outcome } from "./outcome.ts"

const mocha = join(
  dirname(createRequire(import.meta.url).resolve("mocha/package.json")),
  "bin/mocha.js",
)
const reporter = join(import.meta.dirname, "reporter.ts")

/** How tests are run. */
export interface RunOptions {
  /** After the last test, what still runs has this long to end. @default 5000 */
  readonly graceMs?: number
  /** Where the words of the tests go. @default ours */
  readonly output?: "inherit" | "ignore"
}

/** Runs mocha in a package's folder and tells how it went. */
export async function runPackage(
  folder: string,
  { graceMs = 5000, output = "inherit" }: RunOptions = {},
): Promise<Outcome> {
  const temporary = await mkdtemp(join(tmpdir(), "nsm-test-"))
  const file = join(temporary, "outcome.json")
  try {
    const options = [
      "--reporter",
      reporter,
      "--reporter-option",
      `outcome=${file},graceMs=${graceMs}`,
    ]
    const child = spawn(process.execPath, [mocha, ...options], {
      cwd: folder,
      stdio: ["ignore", output, output],
    })
    const [status, signal] = (await once(child, "close")) as [number | null, string | null]
    return await outcomeOf(file, status ?? signal)
  } finally {
    await rm(temporary, { recursive: true })
  }
}

/** A run that ends badly without a failed test is itself a failure. */
async function outcomeOf(file: string, ending: number | string | null): Promise<Outcome> {
  const text = await readFile(file, "utf8").catch(() => undefined)
  if (text === undefined) {
    return { passed: 0, failed: [`the tests did not run to their end: ${ending}`], skipped: [] }
  }
  const outcome = JSON.parse(text) as Outcome
  return ending === 0 || outcome.failed.length > 0
    ? outcome
    : { ...outcome, failed: [`all tests passed, but the run ended with ${ending}`] }
}
