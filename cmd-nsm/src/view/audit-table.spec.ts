import assert from "node:assert/strict"
import { refuseDifferences } from "../commands/audit.ts"
import { interfacesOf, type PlaygroundAudit } from "../playground/audit.ts"
import { exitCode, exitCodes } from "../exit-code.ts"
import { NsmError } from "@nsm/sdk"
import { auditTable } from "./audit-table.ts"

const names = new Map([
  ["inode://4/1", "nsc-1"],
  ["inode://4/2", "nse-1"],
])
const wire = {
  connectionId: "c-1",
  kind: "veth",
  ends: [
    { side: "client", namespace: "inode://4/1", interface: "nsm-1", alias: "server-nsc-1-0 of f" },
    { side: "endpoint", namespace: "inode://4/2", interface: "nse", alias: "client-nsc-1-0 of f" },
  ],
} as const
const orphan = { namespace: "inode://4/9", interface: "old", alias: "server-x of f", since: "T1" }

const auditOf = (rest: Partial<Parameters<typeof interfacesOf>[1]>): PlaygroundAudit => ({
  schemaVersion: 1,
  interfaces: interfacesOf("node-1", { wires: [wire], orphans: [], missing: [], ...rest }, names),
  silent: [],
})

const lost = { connectionId: "c-1", side: "client", interface: "nsm-1", why: "deleted" } as const

describe("the audit of a playground", () => {
  it("has a line for each interface, with its workload and state", () => {
    const removed = { ...orphan, interface: "older", removedAt: "T2" }
    const text = auditTable(auditOf({ orphans: [orphan, removed], missing: [lost] }))
    assert.deepEqual(text.split("\n"), [
      "NODE    WORKLOAD     INTERFACE  KIND  ALIAS                STATE",
      "node-1  nsc-1        nsm-1      veth  server-nsc-1-0 of f  missing: deleted",
      "node-1  nse-1        nse        veth  client-nsc-1-0 of f  up",
      "node-1  inode://4/9  old        -     server-x of f        orphan since T1",
      "node-1  inode://4/9  older      -     server-x of f        removed at T2",
    ])
  })

  it("names the nodes that cannot be asked", () => {
    const silent = [{ node: "node-2", why: "forwarder-node-2 does not answer" }]
    const text = auditTable({ schemaVersion: 1, interfaces: [], silent })
    assert.equal(text, "No interfaces.\nnode-2: forwarder-node-2 does not answer")
    assertFails({ schemaVersion: 1, interfaces: [], silent }, /node-2/)
  })

  it("fails where something is missing or orphaned, and only there", () => {
    refuseDifferences(auditOf({}))
    refuseDifferences(auditOf({ orphans: [{ ...orphan, removedAt: "T2" }] }))
    assertFails(auditOf({ missing: [lost] }), /1 missing, 0 orphans/)
    assertFails(auditOf({ orphans: [orphan] }), /0 missing, 1 orphans/)
  })
})

function assertFails(audit: PlaygroundAudit, text: RegExp): void {
  assert.throws(
    () => refuseDifferences(audit),
    (error: unknown) =>
      error instanceof NsmError && text.test(error.text) && exitCode(error) === exitCodes.failed,
  )
}
