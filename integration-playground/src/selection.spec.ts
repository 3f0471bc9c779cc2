import assert from "node:assert/strict"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { CommandLine, needsPlaygrounds } from "@nsm/integration-netns"

const topology = `
nodes: [{ name: node-1 }]
services:
  - name: web
    matches: [{ routes: [{ destination_selector: { kind: web } }] }]
endpoints:
  - { name: dead, node: node-1, services: [web], labels: { kind: web }, cidrs: [10.1.0.0/24] }
  - { name: there, node: node-1, services: [web], labels: { kind: web }, cidrs: [10.2.0.0/24] }
`

/** What the playground's forwarder would do next, and what it says of an endpoint. */
async function selected(nsm: CommandLine, name: string) {
  const { stdout } = await nsm.run("select", "web", "-o", "json")
  const { order, endpoints } = JSON.parse(stdout) as {
    readonly order: readonly string[]
    readonly endpoints: readonly { readonly name: string; readonly why: string }[]
  }
  return { order, why: endpoints.find((one) => one.name === name)?.why }
}

describe("an endpoint that keeps failing", function () {
  this.timeout(120_000)
  before(needsPlaygrounds())

  it("is asked last, as nsm select says, until it runs again", async () => {
    await using nsm = await CommandLine.open()
    const file = join(nsm.directory, "topology.yaml")
    await writeFile(file, topology)
    assert.equal((await nsm.run("up", "-f", file)).code, 0)
    assert.equal((await nsm.run("kill", "--force", "dead")).code, 0)

    // Half of these wires ask it first. It is ejected for ten seconds, which a busy machine may spend.
    let clients = 0
    for (let found = await selected(nsm, "dead"); found.why !== "ejected";) {
      assert.ok(clients < 5, `it is not ejected, but ${found.why}`)
      const wires = Array.from({ length: 6 }, (_, at) => ["--service", `kernel://web/w${at}`])
      const add = ["add", "client", `client-${clients++}`, "--node", "node-1", ...wires.flat()]
      const { code, stderr } = await nsm.run(...add)
      assert.equal(code, 0, stderr)
      found = await selected(nsm, "dead")
      if (found.why === "ejected") assert.deepEqual(found.order, ["there", "dead"])
    }
    const { stdout } = await nsm.run("status", "-o", "json")
    const { wires } = JSON.parse(stdout) as { wires: { endpoint: string; state: string }[] }
    assert.equal(wires.length, 6 * clients)
    assert.ok(wires.every(({ endpoint, state }) => endpoint === "there" && state === "up"))

    assert.equal((await nsm.run("restart", "dead")).code, 0)
    assert.notEqual((await selected(nsm, "dead")).why, "ejected")
    assert.equal((await nsm.run("down")).code, 0)
  })
})
