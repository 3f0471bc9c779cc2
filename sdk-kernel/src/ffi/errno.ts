import { NsmError, type Reason } from "@nsm/sdk"
import koffi from "koffi"

const strerror = koffi.load(null).func("const char *strerror(int number)") as (n: number) => string

const names = new Map(Object.entries(koffi.os.errno).map(([name, number]) => [number, name]))

/** The number of an error name, such as 17 for `EEXIST`; 0 for a name that is none. */
export function errnoOf(name: string): number {
  return koffi.os.errno[name] ?? 0
}

/** The name of an error number: `EEXIST`. */
export function errnoName(errno: number): string {
  return names.get(errno) ?? `errno ${errno}`
}

/** An error number in words: `EEXIST (File exists)`. */
export function errnoText(errno: number): string {
  return `${errnoName(errno)} (${strerror(errno)})`
}

/** What was being done when a system call failed. */
export interface Attempt {
  /** `open a netlink socket in file:///run/netns/blue`. */
  readonly doing: string
  /** The capability without which the kernel refuses it. @default "CAP_NET_ADMIN" */
  readonly needs?: string
  /** Reason for other failures than a missing privilege. @default "KERNEL_REFUSED" */
  readonly reason?: Reason
}

/** The error for a system call that failed with this number. */
export function errnoError(errno: number, attempt: Attempt): NsmError {
  const { doing, needs = "CAP_NET_ADMIN", reason = "KERNEL_REFUSED" } = attempt
  return errno === errnoOf("EPERM") || errno === errnoOf("EACCES")
    ? new NsmError("PRIVILEGE_MISSING", `${doing}: ${errnoText(errno)}, needs ${needs}`)
    : new NsmError(reason, `${doing}: ${errnoText(errno)}`)
}
