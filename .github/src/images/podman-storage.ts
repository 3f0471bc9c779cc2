import { readFile, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { type Answer, run } from "../pipeline/command.ts"
import { removeCgroups } from "./cgroups.ts"

/** How podman is run. */
export interface PodmanOptions {
  readonly signal?: AbortSignal | undefined
  /** Exit codes that are answers, not failures. @default [0] */
  readonly answers?: readonly number[]
}

/** What containers get where podman's own wish is more than a machine allows. */
const settings = `[containers]
default_ulimits = ["nofile=20000:20000", "nproc=30000:30000"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
lock_type = "file"
`

/** Images and containers of one's own, in a temporary folder. Disposal leaves nothing of them. */
export class PodmanStorage implements AsyncDisposable {
  readonly folder: string

  private constructor(folder: string) {
    this.folder = folder
  }

  static async open(): Promise<PodmanStorage> {
    // Where it is missing there is nothing to be taken away either.
    await run("podman", ["--version"], { reasonOf: () => "IMAGE_FAILED" })
    const storage = new PodmanStorage(await mkdtemp(join(tmpdir(), "nsm-images-")))
    await writeFile(join(storage.folder, "containers.conf"), settings)
    return storage
  }

  /** What containers are run with so that their control groups go with them. */
  get runOptions(): readonly string[] {
    return ["--pull", "never", "--cgroup-parent", `/${basename(this.folder)}`]
  }

  /** Runs podman to its end, and gives what it prints. */
  async podman(args: readonly string[], options: PodmanOptions = {}): Promise<Answer> {
    const at = (name: string): string => join(this.folder, name)
    const places = ["--root", at("root"), "--runroot", at("run"), "--tmpdir", at("tmp")]
    const driver = process.getuid?.() === 0 ? ["--storage-driver", "overlay"] : []
    const env = { CONTAINERS_CONF: at("containers.conf"), TMPDIR: this.folder }
    return run("podman", [...places, ...driver, ...args], {
      ...options,
      env,
      reasonOf: () => "IMAGE_FAILED",
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.podman(["rm", "--all", "--force", "--time", "0"])
      // Some of their files only podman may remove, where it does not run as root.
      await this.podman(["rmi", "--all", "--force"])
    } finally {
      // The file systems of containers lie above that of the storage itself.
      for (const path of (await this.mounts()).toReversed()) {
        await run("umount", ["--lazy", path], { reasonOf: () => "IMAGE_FAILED" })
      }
      await removeCgroups(basename(this.folder))
      await rm(this.folder, { recursive: true, force: true })
    }
  }

  /** What is mounted in the folder. */
  async mounts(): Promise<readonly string[]> {
    const mounts = await readFile("/proc/self/mounts", "utf8")
    return mounts
      .split("\n")
      .map((line) => line.split(" ")[1] ?? "")
      .filter((path) => path.startsWith(`${this.folder}/`))
  }
}
