import { mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

/**
 * A folder for all that is temporary in this process meanwhile. Disposal throws when images, containers
 * or processes are left in it.
 */
export class OwnTemporary implements AsyncDisposable {
  readonly path: string
  readonly #before = process.env["TMPDIR"]

  private constructor(path: string) {
    this.path = path
    process.env["TMPDIR"] = path
  }

  static async make(): Promise<OwnTemporary> {
    return new OwnTemporary(await mkdtemp(join(tmpdir(), "nsm-image-test-")))
  }

  /** A new folder in it. */
  folder(name: string): Promise<string> {
    return mkdtemp(join(this.path, `${name}-`))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#before === undefined) delete process.env["TMPDIR"]
    else process.env["TMPDIR"] = this.#before
    const folders = (await readdir(this.path)).filter((name) => name.startsWith("nsm-"))
    const left = [...folders, ...(await this.#processes())]
    await rm(this.path, { recursive: true })
    if (left.length > 0) throw new Error(`left behind: ${left.join(", ")}`)
  }

  /** Whoever has been told of the folder, as what watches over a container is. */
  async #processes(): Promise<readonly string[]> {
    const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name))
    const found = await Promise.all(
      pids.map(async (pid) => {
        const told = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")
        return told.includes(this.path) ? [`process ${pid}`] : []
      }),
    )
    return found.flat()
  }
}
