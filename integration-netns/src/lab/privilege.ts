import { createNamespace, Links } from "@nsm/sdk-kernel"

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

/** Skips what needs networks of one's own where they cannot be made, and says why. */
export function needsPrivilege(this: Mocha.Context): void {
  const reason = missingPrivilege()
  if (reason === undefined) return
  process.stdout.write(`    skipped, run it as root: ${reason}\n`)
  this.skip()
}
