import assert from "node:assert/strict"
import { MechanismParameter } from "@nsm/api"
import { kernelMechanism } from "../conformance/scene.ts"
import { Mesh } from "../lab/mesh.ts"
import { needsGo } from "../lab/needs-go.ts"
import { mixes } from "./mixes.ts"
import { firstRequest, identityOf, repeatedRequest } from "./requests.ts"

// On a unix socket clients send their namespace, and endpoints their socket, as open files: what
// comes as the message names only an inode, with which nobody can do anything who got no file.
for (const { title, sides, client: side } of mixes) {
  describe(`a mesh on unix sockets, ${title}`, function () {
    this.timeout(30_000)

    before(needsGo)

    it("grants, keeps and closes what a client asks with the file of its namespace", async () => {
      await using mesh = await Mesh.up({ sides, managerSocket: "unix" })
      const client = await mesh.client(side, "client")
      const granted = await client.request(firstRequest("nsc-files")).catch((failure: unknown) => {
        throw new Error(`${String(failure)}\n${mesh.logs}`)
      })
      const { inodeUrl } = MechanismParameter
      const url = granted.mechanism?.parameters[inodeUrl]
      assert.equal(url, kernelMechanism.parameters[inodeUrl], "the client knows its own namespace")
      const again = await client.request(repeatedRequest(granted))
      assert.deepEqual(identityOf(again), identityOf(granted))
      await client.close(again)
    })
  })
}
