import assert from "node:assert/strict"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { DaemonStatus, Status } from "@nsm/cmd-nsm"
import { becomes, CommandLine, needsPlaygrounds, type User } from "@nsm/integration-netns"
import { statusOf } from "./status-of.ts"
import { succeeded } from "./succeeded.ts"

// Two services, so that one is registered by the endpoint and one by the playground.
const topology = `name: lab
nodes: [{ name: node-1 }]
services: [{ name: ruled, matches: [{ routes: [{ destination_selector: { app: web } }] }] }]
endpoints:
  - { name: web, node: node-1, services: [ruled], labels: { app: web }, cidrs: [172.16.0.0/24] }
  - { name: plain, node: node-1, services: [plain], cidrs: [172.17.0.0/24] }
clients:
  - { name: nsc-1, node: node-1, services: ["kernel://ruled/one", "kernel://plain/two"] }
`

for (const user of ["self", "nobody"] satisfies User[]) {
  describe(`nsm restart and kill, run by ${user === "self" ? "this user" : "an ordinary user"}`, function () {
    this.timeout(180_000)
    before(needsPlaygrounds(user))

    it("end processes, start them again, and show which are down, whoever ended them", async () => {
      await using nsm = await CommandLine.open(user)
      const file = join(nsm.directory, "lab.yaml")
      await writeFile(file, topology)
      succeeded(await nsm.run("up", "-f", file))
      const wires = async () => {
        const { wires: all } = await statusOf(nsm)
        return all.map(({ interface: name, state, endpoint, addresses }) =>
          [name, state, endpoint, ...addresses.client].join(" "),
        )
      }
      const all = ["one up web 172.16.0.1/32", "two up plain 172.17.0.1/32"]
      assert.deepEqual(await wires(), all)

      const killed = JSON.parse(
        succeeded(await nsm.run("kill", "registry", "web", "--force", "-o", "json")),
      ) as Processes
      assert.deepEqual(killed.processes.map(shown), ["registry 0 SIGKILL", "web 0 SIGKILL"])
      const { pid } = daemonOf(await statusOf(nsm), "plain")
      succeeded(await nsm.run("exec", "node-1", "--", "kill", "-9", `${pid}`))
      const down = "Down: registry (SIGKILL), plain (SIGKILL), web (SIGKILL)"
      const text = async () => (await nsm.run("status")).stdout.match(/^Down: .*$/m)?.[0]
      await becomes(text, down)
      assert.match(
        succeeded(await nsm.run("status")),
        /^To start: nsm restart registry plain web$/m,
      )

      succeeded(await nsm.run("restart", "registry", "nsmgr-node-1", "web", "plain"))
      await becomes(wires, all, 30_000)
      assert.equal(await text(), undefined)

      // What match rules say, nobody but the playground could say to the new registry.
      const asked = ["--node", "node-1", "--service", "kernel://ruled/one"]
      succeeded(await nsm.run("add", "client", "nsc-2", ...asked))
      const far = (await statusOf(nsm)).wires.find(({ client }) => client === "nsc-2")
      assert.equal(far?.endpoint, "web")

      const missing = await nsm.run("kill", "nsmgr")
      assert.equal(missing.code, 2)
      assert.match(
        missing.stderr,
        /no process of this playground is called "nsmgr"[\s\S]*nsmgr-node-1/,
      )
      succeeded(await nsm.run("kill", "forwarder-node-1", "nsc-2"))
      succeeded(await nsm.run("down", "lab"))
      assert.deepEqual(await nsm.leftovers(), [])
    })
  })
}

interface Processes {
  readonly processes: readonly DaemonStatus[]
}

function shown({ name, pid, ended }: DaemonStatus): string {
  return `${name} ${pid} ${ended ?? "runs"}`
}

function daemonOf({ workloads }: Status, name: string): DaemonStatus {
  return workloads.find((workload) => workload.name === name)?.daemon ?? assert.fail(name)
}
