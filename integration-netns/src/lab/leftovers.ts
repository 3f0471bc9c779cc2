import { readdir, readlink } from "node:fs/promises"
import { setTimeout as wait } from "node:timers/promises"

/** The kernel frees what a process held a little after its end. */
const patienceMs = 3000

/** What still holds one of these networks, given by inode: processes in them, and descriptors here. */
export async function leftovers(networks: ReadonlyMap<number, string>): Promise<readonly string[]> {
  const links = new Map([...networks].map(([inode, name]) => [`net:[${inode}]`, name]))
  let left = await holders(links)
  for (let waited = 0; left.length > 0 && waited < patienceMs; waited += 50) {
    await wait(50)
    left = await holders(links)
  }
  return left
}

async function holders(links: ReadonlyMap<string, string>): Promise<string[]> {
  const processes = (await readdir("/proc")).filter((name) => /^\d+$/.test(name))
  const places = [
    ...processes.map((pid) => `/proc/${pid}/ns/net`),
    ...(await readdir("/proc/self/fd")).map((fd) => `/proc/self/fd/${fd}`),
  ]
  const found = await Promise.all(
    places.map(async (place) => {
      const network = links.get(await readlink(place).catch(() => ""))
      return network === undefined ? [] : [`${place} in ${network}`]
    }),
  )
  return found.flat()
}
