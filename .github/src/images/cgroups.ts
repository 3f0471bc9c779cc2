import { readdir, rmdir } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout as wait } from "node:timers/promises"

const root = "/sys/fs/cgroup"

/** Removes the groups of a name that the kernel still has, in each of its hierarchies. */
export async function removeCgroups(name: string): Promise<void> {
  // Of version 2 there is one hierarchy, of version 1 one for each resource.
  for (const hierarchy of [root, ...(await foldersIn(root))]) {
    if ((await foldersIn(hierarchy)).includes(join(hierarchy, name))) {
      await removeTree(join(hierarchy, name))
    }
  }
}

/** What looks like files in there goes with its folder. Whoever watched over a container may just be ending. */
async function removeTree(path: string, attempts = 100): Promise<void> {
  for (const inner of await foldersIn(path)) await removeTree(inner)
  try {
    await rmdir(path)
  } catch (failure) {
    if (attempts === 0 || (failure as NodeJS.ErrnoException).code !== "EBUSY") throw failure
    await wait(50)
    await removeTree(path, attempts - 1)
  }
}

async function foldersIn(path: string): Promise<readonly string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(path, entry.name))
}
