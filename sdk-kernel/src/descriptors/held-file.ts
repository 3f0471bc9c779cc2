import { type BigIntStats, closeSync, fstatSync, openSync, statSync } from "node:fs"
import { NsmError } from "@nsm/sdk"
import { O_PATH } from "../ffi/libc.ts"

/**
 * A file that is held by a descriptor which cannot read or write it: enough to pass it on, and for
 * this process to reach it by a path.
 */
export class HeldFile implements Disposable {
  readonly fd: number
  /** `inode://device/inode`, its name on connections that pass files. */
  readonly url: string
  #isOpen = true

  /** Takes over a descriptor. */
  constructor(fd: number) {
    this.fd = fd
    this.url = urlOf(fstatSync(fd, { bigint: true }))
  }

  /** Opens the file at a path, as which those of /proc count that lead to a process's namespaces. */
  static open(path: string): HeldFile {
    try {
      return new HeldFile(openSync(path, O_PATH))
    } catch (failure) {
      throw new NsmError("NAMESPACE_NOT_FOUND", `open ${path} to pass it on: ${text(failure)}`, {
        cause: failure,
      })
    }
  }

  /** Leads to it in this process, for as long as it is held. */
  get path(): string {
    return `/proc/${process.pid}/fd/${this.fd}`
  }

  [Symbol.dispose](): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    closeSync(this.fd)
  }
}

/** Whether a path leads to a descriptor of this process. */
export function isHeldHere(path: string | undefined): boolean {
  return path?.startsWith(`/proc/${process.pid}/fd/`) ?? false
}

/** Whether a URL names a file by its inode. */
export function isInodeUrl(url: string): boolean {
  return /^inode:\/\/\d+\/\d+$/.test(url)
}

/** The URL of the file at a path; undefined when there is none that this process may look at. */
export function inodeUrlAt(path: string): string | undefined {
  try {
    return urlOf(statSync(path, { bigint: true }))
  } catch {
    return undefined
  }
}

/** Inode numbers of some file systems use all 64 bits. */
function urlOf({ dev, ino }: BigIntStats): string {
  return `inode://${dev}/${ino}`
}

function text(failure: unknown): string {
  return failure instanceof Error ? failure.message : String(failure)
}
