import { chmod, copyFile, mkdir, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"

/** A folder whose files become those of an image. Modes do not depend on who lays it out. */
export class Layout {
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
  }

  /** Copies a file; whoever runs the image may read it, and run it if told so. */
  async copy(from: string, to: string, mode = 0o644): Promise<void> {
    await this.#parent(to)
    await copyFile(from, join(this.folder, to))
    await chmod(join(this.folder, to), mode)
  }

  async write(to: string, text: string): Promise<void> {
    await this.#parent(to)
    await writeFile(join(this.folder, to), text)
    await chmod(join(this.folder, to), 0o644)
  }

  async makeFolder(path: string, mode = 0o755): Promise<void> {
    await this.#parent(path)
    await mkdir(join(this.folder, path), { recursive: true })
    await chmod(join(this.folder, path), mode)
  }

  /** mkdir heeds the umask, so each new folder is set right. */
  async #parent(path: string): Promise<void> {
    const parent = join(this.folder, dirname(path))
    const first = await mkdir(parent, { recursive: true })
    if (first === undefined) return
    for (let made = parent; made.length >= first.length; made = dirname(made)) {
      await chmod(made, 0o755)
    }
  }
}
