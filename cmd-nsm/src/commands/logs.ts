import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { NsmError } from "@nsm/sdk"
import { noPlayground } from "../session/control.ts"
import { sessionDirectory } from "../session/directory.ts"
import { liveRecord } from "../session/record.ts"
import { print } from "../view/output.ts"

const ending = ".log"

/** Prints what a process of a playground has logged. */
export async function logs(name: string, of: string): Promise<void> {
  const directory = sessionDirectory(name)
  if (!(await liveRecord(directory))) throw await noPlayground(name)
  const files = (await readdir(directory.path)).filter((file) => file.endsWith(ending))
  const all = files.map((file) => file.slice(0, -ending.length))
  if (!all.includes(of)) {
    throw new NsmError("INVALID_CONFIGURATION", `"${of}" is no process of "${name}"`, {
      remedy: `Choose one of: ${all.toSorted().join(", ")}`,
    })
  }
  const text = await readFile(join(directory.path, `${of}${ending}`), "utf8")
  print(text.trimEnd())
}
