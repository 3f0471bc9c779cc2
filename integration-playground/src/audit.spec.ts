import assert from "node:assert/strict"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { PlaygroundAudit } from "@nsm/cmd-nsm"
import { becomes, CommandLine, needsPlaygrounds, type User } from "@nsm/integration-netns"
import { succeeded } from "./succeeded.ts"

const topology = `name: lab
nodes: [{ name: node-1 }, { name: node-2 }]
endpoints: [{ name: nse-1, node: node-1, services: [icmp-responder], cidrs: [172.16.0.0/24] }]
clients: [{ name: nsc-1, node: node-2, services: ["kernel://icmp-responder/nsm-1"] }]
`

for (const user of ["self", "nobody"] satisfies User[]) {
  describe(`nsm audit, run by ${user === "self" ? "this user" : "an ordinary user"}`, function () {
    this.timeout(120_000)
    before(needsPlaygrounds(user))

    it("shows wires with the workloads that they end in, through a restart, and fails for an orphan", async () => {
      await using nsm = await CommandLine.open(user)
      const file = join(nsm.directory, "lab.yaml")
      await writeFile(file, topology)
      succeeded(await nsm.run("up", "-f", file))
      const found = async (): Promise<PlaygroundAudit> =>
        JSON.parse((await nsm.run("audit", "-o", "json")).stdout) as PlaygroundAudit
      const states = async (): Promise<readonly string[]> =>
        (await found()).interfaces.map(({ node, workload, kind, state }) =>
          [node, workload, kind, state].join(" "),
        )
      const wire = ["node-1 nse-1 vxlan up", "node-2 nsc-1 vxlan up"]
      assert.deepEqual(await states(), wire)
      const table = succeeded(await nsm.run("audit"))
      assert.match(table, /^node-2 +nsc-1 +nsm-1 +vxlan +server-nsc-1/m)

      succeeded(await nsm.run("restart", "forwarder-node-1", "forwarder-node-2"))
      await becomes(states, wire, 30_000)

      const [{ alias } = assert.fail()] = (await found()).interfaces
      const inside = (...command: string[]) => nsm.run("exec", "nse-1", "--", ...command)
      succeeded(await inside("ip", "link", "add", "stale", "type", "veth", "peer", "name", "other"))
      const stale = alias.replace(/^client-\S+/, "client-gone")
      succeeded(await inside("ip", "link", "set", "stale", "alias", stale))
      const { code, stdout, stderr } = await nsm.run("audit")
      assert.equal(code, 1)
      assert.match(stdout, /^node-1 +nse-1 +stale +- +client-gone of .* orphan since /m)
      assert.match(stderr, /0 missing, 1 orphans/)
      succeeded(await nsm.run("down", "lab"))
      assert.deepEqual(await nsm.leftovers(), [])
    })
  })
}
