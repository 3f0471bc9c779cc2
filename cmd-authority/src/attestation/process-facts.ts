import { readFile, readlink, stat } from "node:fs/promises"
import { basename } from "node:path"
import { type Credentials, NsmError } from "@nsm/sdk"

/** A file of the kernel that stands for a namespace. */
export interface Inode {
  readonly dev: number
  readonly ino: number
}

/** What is known of a process. What may not be looked at is left out. */
export interface ProcessFacts extends Credentials {
  /** Path of its program. */
  readonly exe?: string
  /** Its network namespace. */
  readonly netns?: Inode
  /** What it calls itself: NSM_NAME in the environment that it was started with, or its program. */
  readonly name: string
}

/** Finds out about a process what /proc tells. Fails with PERMISSION_DENIED when it has gone. */
export async function processFacts(credentials: Credentials): Promise<ProcessFacts> {
  const { pid } = credentials
  if (pid === 0) {
    throw unknown(credentials, "it runs in a PID namespace that cannot be seen from here")
  }
  const proc = `/proc/${pid}`
  const owner = await stat(proc).catch(() => undefined)
  if (!owner) throw unknown(credentials, "it has gone")
  const exe = await readlink(`${proc}/exe`).catch(() => undefined)
  const netns = await inodeOf(`${proc}/ns/net`)
  const called = await nameIn(`${proc}/environ`)
  const name = called ?? (exe === undefined ? await programOf(proc) : basename(exe))
  return { ...credentials, name, ...(exe !== undefined && { exe }), ...(netns && { netns }) }
}

/** The namespace that a path leads to; undefined when it leads to none, or may not be looked at. */
export async function inodeOf(path: string): Promise<Inode | undefined> {
  const { dev, ino } = (await stat(path).catch(() => undefined)) ?? {}
  return dev === undefined || ino === undefined ? undefined : { dev, ino }
}

async function nameIn(environ: string): Promise<string | undefined> {
  const text = await readFile(environ, "utf8").catch(() => "")
  const prefix = "NSM_NAME="
  const found = text.split("\0").find((variable) => variable.startsWith(prefix))
  return found?.slice(prefix.length) || undefined
}

/** Everyone may read the name that the kernel shows, which the process can change. */
async function programOf(proc: string): Promise<string> {
  return (await readFile(`${proc}/comm`, "utf8").catch(() => "")).trim()
}

function unknown({ pid, uid }: Credentials, why: string): NsmError {
  return new NsmError(
    "PERMISSION_DENIED",
    `the calling process (pid ${pid}, uid ${uid}) cannot be identified: ${why}`,
  )
}
