import assert from "node:assert/strict"
import type { Status } from "../playground/status.ts"
import { drawing } from "./drawing.ts"

const daemon = { name: "d", program: "p", pid: 1, ready: true, residentBytes: 0 }
const wire = {
  id: "nsc-1-0",
  client: "nsc-1",
  service: "icmp",
  url: "kernel://icmp/nsm-1",
  state: "up",
  endpoint: "nse-1",
  mechanism: "VXLAN",
  interface: "nsm-1",
  path: ["nsc-1", "nse-1"],
  addresses: { client: ["172.16.0.1/32"], endpoint: ["172.16.0.0/32"] },
  mtu: 1446,
} as const

function status(wires: Status["wires"]): Status {
  return {
    schemaVersion: 1,
    name: "demo",
    shared: [],
    nodes: ["node-1", "node-2"].map((name) => ({ name, addresses: ["10.0.0.2/24"], daemons: [] })),
    workloads: [
      { name: "nse-1", kind: "endpoint", node: "node-1", services: ["icmp"], daemon },
      { name: "nsc-1", kind: "client", node: "node-2", services: ["kernel://icmp"], daemon },
    ],
    wires,
  }
}

describe("drawing", () => {
  it("puts workloads into their nodes and draws each wire", () => {
    assert.equal(
      drawing(status([wire])),
      [
        "┌ node-1 10.0.0.2 ┐  ┌ node-2 10.0.0.2 ┐",
        "│ ● nse-1         │  │ ○ nsc-1         │",
        "└─────────────────┘  └─────────────────┘",
        "",
        "  nsc-1 @node-2 ══ VXLAN ══ nse-1 @node-1   icmp",
        "",
        "○ client  ● endpoint",
      ].join("\n"),
    )
  })

  it("draws a wire through the links of its chain", () => {
    const chained = {
      ...wire,
      endpoint: "firewall",
      path: ["nsc-1", "nsmgr", "firewall", "nsmgr", "scanner", "nse-1"],
    }
    const links = ["firewall", "scanner"].map(
      (name) =>
        ({ name, kind: "passthrough", node: "node-1", services: ["icmp"], daemon }) as const,
    )
    const all = status([chained])
    const drawn = drawing({ ...all, workloads: [...all.workloads, ...links] })
    const line =
      "nsc-1 @node-2 ══ VXLAN ══ firewall @node-1 ══ scanner @node-1 ══ nse-1 @node-1   icmp"
    assert.ok(drawn.includes(line), drawn)
    assert.match(drawn, /│ ◆ scanner {7}│/)
    assert.match(drawn, /○ client {2}● endpoint {2}◆ link of a chain$/)
  })

  it("knows where an endpoint is that exists only on demand", () => {
    const drawn = drawing(status([{ ...wire, endpoint: "nse-1-0a1b2c3d" }]))
    assert.match(drawn, /══ VXLAN ══ nse-1-0a1b2c3d @node-1 /)
  })

  it("stacks the boxes when the terminal is narrow", () => {
    const lines = drawing(status([]), 30).split("\n")
    assert.equal(lines.filter((line) => line.startsWith("┌")).length, 2)
  })

  it("draws a wire that is not there as broken", () => {
    assert.match(
      drawing(status([{ ...wire, state: "requesting", endpoint: "" }])),
      /╌╌ requesting ╌╌ \?/,
    )
  })
})
