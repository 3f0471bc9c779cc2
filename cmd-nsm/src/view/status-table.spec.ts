import assert from "node:assert/strict"
import type { DaemonStatus, Status, WireStatus } from "../playground/status.ts"
import { daemonTable, downText, identityTable, processTable, wireTable } from "./status-table.ts"

const wire: WireStatus = {
  id: "nsc-1-0",
  client: "nsc-1",
  service: "icmp",
  url: "kernel://icmp/nsm-1",
  state: "up",
  endpoint: "nse-1",
  mechanism: "KERNEL",
  interface: "nsm-1",
  path: ["nsc-1", "nsmgr", "forwarder", "nse-1"],
  addresses: {
    client: ["172.16.0.1/32", "fd00::1/128"],
    endpoint: ["172.16.0.0/32", "fd00::/128"],
  },
  mtu: 9000,
}

describe("wireTable", () => {
  it("shows path and addresses line by line", () => {
    const text = wireTable([wire])
    assert.match(text, /^CLIENT +SERVICE +ENDPOINT +MECHANISM +PATH +ADDRESSES +MTU +STATE$/m)
    assert.match(
      text,
      /^nsc-1\/nsm-1 +icmp +nse-1 +KERNEL +nsc-1 +172\.16\.0\.1\/32 > 172\.16\.0\.0\/32 +9000 +up$/m,
    )
    assert.match(text, /> nsmgr +fd00::1\/128 > fd00::\/128/)
  })

  it("shows the middle round trip, and what got lost", () => {
    const pings = [
      {
        client: "nsc-1",
        source: "172.16.0.1",
        destination: "172.16.0.0",
        sent: 3,
        received: 3,
        rttMs: [0.3, 0.1, 0.2],
      },
      {
        client: "nsc-1",
        source: "fd00::1",
        destination: "fd00::",
        sent: 3,
        received: 0,
        rttMs: [],
      },
    ]
    const text = wireTable([wire], pings)
    assert.match(text, /0\.20 ms/)
    assert.match(text, /lost 3 of 3/)
  })
})

describe("a process that is down", () => {
  const runs: DaemonStatus = {
    name: "p-1",
    program: "p",
    pid: 7,
    ready: true,
    residentBytes: 2 ** 20,
  }
  const down: DaemonStatus = { ...runs, name: "p-2", pid: 0, ready: false, ended: "SIGKILL" }
  const status = (...shared: DaemonStatus[]): Status => {
    return { schemaVersion: 1, name: "demo", shared, nodes: [], workloads: [], wires: [] }
  }

  it("is said to be so, with how it ended and what starts it again", () => {
    const other = { ...down, name: "p-3", ended: "exit 1" }
    assert.equal(
      downText(status(runs, down, other)),
      "Down: p-2 (SIGKILL), p-3 (exit 1)\nTo start: nsm restart p-2 p-3",
    )
    assert.equal(downText(status(runs)), "")
  })

  it("has no pid in tables, and is not ready", () => {
    for (const text of [daemonTable([runs, down]), processTable(status(runs, down))]) {
      assert.match(text, /p-1 +p +7 +yes/)
      assert.match(text, /p-2 +p +- +down \(SIGKILL\)/)
    }
  })
})

describe("identityTable", () => {
  const process: DaemonStatus = { name: "p", program: "p", pid: 1, ready: true, residentBytes: 0 }
  const status = (shared: readonly DaemonStatus[]): Status => {
    return { schemaVersion: 1, name: "demo", shared, nodes: [], workloads: [], wires: [] }
  }
  const ending = (expiresAt: string): DaemonStatus => {
    return { ...process, identity: { spiffeId: "spiffe://nsm.local/uid/0/p", expiresAt } }
  }

  it("shows who a process is, and for how long yet", () => {
    const now = Date.parse("2026-01-01T00:00:00Z")
    const ends = ["2026-01-01T00:59:12Z", "2026-01-02T02:00:59Z", "2025-12-31T23:59:59Z"]
    const text = identityTable(status(ends.map(ending)), now)
    assert.match(text, /^PROCESS +SPIFFE ID +EXPIRES IN$/m)
    assert.match(text, /^p +spiffe:\/\/nsm\.local\/uid\/0\/p +59m 12s$/m)
    assert.match(text, / 1d 2h$/m)
    assert.match(text, / expired$/m)
  })

  it("is empty where nobody has an identity", () => {
    assert.equal(identityTable(status([process])), "")
  })
})
