import { mkdir, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { NsmError } from "@nsm/sdk"
import { CommandLine, programFile } from "@nsm/integration-netns"
import { difference } from "./match.ts"
import type { RunScript, Step, WriteFile } from "./parse.ts"
import { type ReadersFolder, readersFolder } from "./readers-folder.ts"
import { Shell } from "./shell.ts"

const scriptLimitMs = 60_000

/**
 * Does what a reader of a tutorial does: writes its files, runs its scripts, compares what they print
 * with what the tutorial says. Everything that was made is gone afterwards; that something stays is
 * a failure too.
 */
export async function runTutorial(steps: readonly Step[]): Promise<void> {
  await using nsm = await CommandLine.open()
  await using folder = await readersFolder()
  await using shell = Shell.start({
    cwd: folder.path,
    env: {
      PATH: [await programsIn(folder), dirname(process.execPath), process.env["PATH"]].join(":"),
      HOME: nsm.directory,
      TMPDIR: nsm.directory,
      LC_ALL: "C.UTF-8",
      NO_COLOR: "1",
    },
    limitMs: scriptLimitMs,
  })
  try {
    for (const [index, step] of steps.entries()) {
      if (step.kind === "script") await runScript(step, shell)
      else await writeDown(step, steps.slice(index + 1), shell)
    }
  } catch (failure) {
    // Or what is left would hide what went wrong.
    const { playgrounds } = JSON.parse((await nsm.run("list", "-o", "json")).stdout) as Playgrounds
    for (const { name } of playgrounds) await nsm.run("down", name)
    throw failure
  }
}

interface Playgrounds {
  readonly playgrounds: readonly { readonly name: string }[]
}

/** A script may fail only where the tutorial shows an error. */
async function runScript(step: RunScript, shell: Shell): Promise<void> {
  const { status, output } = await shell.run(step.text)
  const mayFail = /^error /m.test(step.output ?? "")
  const wrong =
    status === 0 || mayFail
      ? difference(step.output ?? "…", output)
      : `it ended with ${status}:\n${output}`
  if (wrong) throw failed(step, wrong)
}

async function writeDown(step: WriteFile, later: readonly Step[], shell: Shell): Promise<void> {
  // A file that nothing uses is not shown to work.
  const base = step.name.replace(/\.ts$/, "")
  if (!later.some(({ text }) => text.includes(base))) throw failed(step, "nothing uses this file")
  // Where the reader is by now.
  const { output } = await shell.run("pwd")
  await writeFile(join(output.trim(), step.name), step.text)
}

/** Makes a folder for the PATH with `nsm` in it, as the reader's alias has it. */
async function programsIn({ path }: ReadersFolder): Promise<string> {
  const programs = join(path, ".bin")
  await mkdir(programs)
  const shim = `#!/bin/sh\nexec '${process.execPath}' '${programFile("cmd-nsm")}' "$@"\n`
  await writeFile(join(programs, "nsm"), shim, { mode: 0o755 })
  return programs
}

function failed({ line, text }: Step, wrong: string): NsmError {
  return new NsmError("INVALID_CONFIGURATION", `line ${line}: ${text.trim()}\n${wrong}`)
}
