import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { LabProcess, programFile } from "@nsm/integration-netns"
import { allOn, Mesh } from "../lab/mesh.ts"
import { needsGo } from "../lab/needs-go.ts"

describe("nsc, in a mesh of Go", function () {
  this.timeout(30_000)

  before(needsGo)

  for (const managerSocket of ["tcp", "unix"] as const) {
    it(`has its wire, and gives it back, over ${managerSocket}`, async () => {
      await using mesh = await Mesh.up({ sides: allOn("go"), managerSocket })
      await using client = new LabProcess({
        ...{ name: "nsc", file: programFile("cmd-nsc"), place: { spawn } },
        directory: mesh.directory,
        settings: {
          SPIFFE_ENDPOINT_SOCKET: await mesh.trust.socketOf("nsc"),
          NSM_CONNECT_TO: mesh.managerUrl,
          NSM_NETWORK_SERVICES: "kernel://icmp-responder/nsm-1",
        },
      })
      // It is ready once its wires are granted.
      await client.ready()
      const [wire] = JSON.parse(await client.page("/connections")) as readonly {
        readonly id: string
        readonly state: string
      }[]
      assert.equal(wire?.id, "nsc-0")
      assert.match(JSON.stringify(wire), /"nsmgr".*"forwarder".*"nse"/)
    })
  }
})
