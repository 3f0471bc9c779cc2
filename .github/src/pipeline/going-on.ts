import assert from "node:assert/strict"
import { chmodSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { suite, type Files, type Suite } from "./fixture.ts"
import { PipelineError } from "./pipeline-error.ts"
import { propagate } from "./propagate.ts"
import { type Reason, reasons } from "./reasons.ts"
import { release } from "./release.ts"

const update = "update/sdk/api"

/** A suite of two packages, of which the first has something to release. */
export function changed(more: Files = {}): Suite {
  const one = suite({ api: {}, sdk: { api: ">=0.1.0 <1.0.0" } }, more)
  one.change("api", "minor")
  return one
}

/** Expects that a step fails for that reason and says what, where, and what to do. */
export async function fails(step: Promise<unknown>, reason: Reason, says: RegExp): Promise<void> {
  await assert.rejects(step, (error) => {
    assert.ok(error instanceof PipelineError, String(error))
    assert.equal(error.reason, reason, error.message)
    assert.match(error.message, says)
    assert.equal(error.remedy, reasons[reason])
    return true
  })
}

/** Expects the same, and that everything is left as it was. */
export async function refuses(
  one: Suite,
  ...[step, reason, says]: Parameters<typeof fails>
): Promise<void> {
  const before = one.git("for-each-ref")
  await fails(step, reason, says)
  assert.equal(one.git("for-each-ref"), before)
}

/** Goes on with what stopped, and expects that all of it is there, and once. */
export async function goesOn({ forge, git }: Suite): Promise<void> {
  await release({ forge })
  await propagate({ forge })
  assert.deepEqual(await release({ forge }), [])
  assert.deepEqual(
    (await propagate({ forge })).map(({ branch, outcome }) => [branch, outcome]),
    [[update, "unchanged"]],
  )
  assert.equal(git("tag", "--list", "*@0.2.0"), "@nsm/api@0.2.0")
  assert.equal(git("rev-parse", "@nsm/api@0.2.0^{commit}"), git("rev-parse", "main"))
  assert.equal(git("log", "--format=%s", "main").match(/^Release/gm)?.length, 1)
  assert.equal(git("show", "main:api/CHANGELOG.md").match(/^## /gm)?.length, 1)
  assert.equal(git("rev-list", "--count", `main..${update}`), "1")
  const open = await forge.proposals()
  assert.deepEqual(
    open.map(({ branch }) => branch),
    [update],
  )
}

/** Writes a hook of the bare repository. */
export function hook({ path }: Suite, name: "pre-receive" | "update", script: string): void {
  const file = join(path, "hooks", name)
  writeFileSync(file, `#!/bin/sh\n${script}\n`)
  chmodSync(file, 0o755)
}
