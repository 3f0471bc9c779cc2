import { NsmError } from "@nsm/sdk"
import type { PlaygroundAudit } from "../playground/audit.ts"
import { ask } from "../session/control.ts"
import { sessionDirectory } from "../session/directory.ts"
import { auditTable } from "../view/audit-table.ts"
import { type Format, print, printJson } from "../view/output.ts"

/** Prints what the forwarders of a playground have in the kernel; fails when it is not what connections own. */
export async function audit(name: string, format: Format): Promise<void> {
  const found = await ask<PlaygroundAudit>(sessionDirectory(name), "audit")
  if (format === "json") printJson(found)
  else print(auditTable(found))
  refuseDifferences(found)
}

/** Whatever the difference is: the command line was right, and the playground answers. */
const tried = "FAILED_PRECONDITION"

/** Fails when kernel and connections differ, or nobody knows. */
export function refuseDifferences({ interfaces, silent }: PlaygroundAudit): void {
  const count = (state: string): number => interfaces.filter((one) => one.state === state).length
  const [missing, orphans] = [count("missing"), count("orphan")]
  if (missing + orphans > 0) {
    const text = `the kernel is not as connections say: ${missing} missing, ${orphans} orphans`
    throw new NsmError("LINK_NOT_FOUND", text, {
      code: tried,
      remedy:
        "Wait: clients ask again for what is missing, and orphans are removed after NSM_ORPHAN_GRACE.",
    })
  }
  const [first] = silent
  if (!first) return
  const nodes = silent.map(({ node }) => node).join(", ")
  throw new NsmError("PEER_UNREACHABLE", `nobody knows what the kernel has on ${nodes}`, {
    code: tried,
    remedy: "See why with nsm status -o wide.",
  })
}
