import { existsSync } from "node:fs"
import { readdir, readlink } from "node:fs/promises"
import { setTimeout as wait } from "node:timers/promises"
import type { NamespaceState } from "../playground/kernel-state.ts"
import type { SessionDirectory } from "../session/directory.ts"

/** The kernel frees namespaces a little after their last process. */
const patienceMs = 3000

/**
 * What a playground left that has been closed and ended: interfaces that stayed in a workload's
 * namespace after its wires were closed, processes that still stand in one of its namespaces, and
 * its folder.
 */
export async function leftovers(
  state: readonly NamespaceState[],
  { path }: SessionDirectory,
): Promise<string[]> {
  const interfaces = state.flatMap(({ name, interfaces }) =>
    interfaces
      .filter((link) => link !== "lo" && link !== "underlay")
      .map((link) => `interface ${link} in ${name}`),
  )
  const inodes = new Map(state.map(({ name, inode }) => [`net:[${inode}]`, name]))
  let inhabited = await processesIn(inodes)
  for (let waited = 0; inhabited.length > 0 && waited < patienceMs; waited += 50) {
    await wait(50)
    inhabited = await processesIn(inodes)
  }
  const files = existsSync(path) ? [`folder ${path}`] : []
  return [...interfaces, ...inhabited, ...files]
}

async function processesIn(inodes: ReadonlyMap<string, string>): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry))
  const found = await Promise.all(
    pids.map(async (pid) => {
      const name = inodes.get(await readlink(`/proc/${pid}/ns/net`).catch(() => ""))
      return name === undefined ? [] : [`process ${pid} in the namespace of ${name}`]
    }),
  )
  return found.flat()
}
