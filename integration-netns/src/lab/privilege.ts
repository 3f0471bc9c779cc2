import { spawnSync } from "node:child_process"
import { createNamespace, Links } from "@nsm/sdk-kernel"
import type { User } from "./command-line.ts"
import { programFile } from "./programs.ts"

/** Why this process cannot make networks of its own; undefined when it can. */
export function missingPrivilege(): string | undefined {
  try {
    using namespace = createNamespace()
    new Links(namespace).change("lo", { isUp: true })
    return undefined
  } catch (failure) {
    return failure instanceof Error ? failure.message : String(failure)
  }
}

/** Why playgrounds cannot be tried as that user here; undefined when they can. */
export function cannotRunAs(user: User, file = programFile("cmd-nsm")): string | undefined {
  const isRoot = process.getuid?.() === 0
  if (user === "nobody" && !isRoot) return "only root can run it as another user"
  if (user === "self" && isRoot) return missingPrivilege()
  const id = { uid: 65534, gid: 65534 }
  if (user === "nobody" && !canRead(id, file)) {
    return `an ordinary user may not read ${file}: keep the suite where others may read it`
  }
  const { status, stderr, error } = spawnSync(
    "unshare",
    ["--user", "--map-root-user", "--net", "true"],
    {
      ...(user === "nobody" && id),
      encoding: "utf8",
    },
  )
  return status === 0 ? undefined : `no user namespaces here: ${error?.message ?? stderr.trim()}`
}

/** Whether a user may read a file, and the Node that would run it. */
function canRead(id: { uid: number; gid: number }, file: string): boolean {
  const look = "fs.accessSync(process.argv[1], fs.constants.R_OK)"
  return spawnSync(process.execPath, ["--eval", look, file], { ...id, cwd: "/" }).status === 0
}

/** Skips what needs networks of one's own where they cannot be made, and says why. */
export function needsPrivilege(this: Mocha.Context): void {
  skipFor(this, missingPrivilege())
}

/** Skips what needs playgrounds where that user cannot have them, and says why. */
export function needsPlaygrounds(user: User = "self"): (this: Mocha.Context) => void {
  return function () {
    skipFor(this, cannotRunAs(user))
  }
}

function skipFor(context: Mocha.Context, reason: string | undefined): void {
  if (reason === undefined) return
  context["skipReason"] = reason
  context.skip()
}
