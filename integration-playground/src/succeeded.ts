import assert from "node:assert/strict"
import type { Outcome } from "@nsm/integration-netns"

/** What a command printed, which must have succeeded. */
export function succeeded({ code, stdout, stderr }: Outcome): string {
  assert.equal(code, 0, `${stdout}\n${stderr}`)
  return stdout
}
