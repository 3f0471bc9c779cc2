import assert from "node:assert/strict"
import type { PingResult, WireStatus } from "@nsm/cmd-nsm"
import { CommandLine, needsPlaygrounds, type User } from "@nsm/integration-netns"

/** What the demo prints as JSON, as far as it is looked at here. */
interface Demo {
  readonly schemaVersion: number
  readonly wires: readonly WireStatus[]
  readonly pings: readonly PingResult[]
  readonly leftovers: readonly string[]
}

const limitMs = 60_000

for (const user of ["self", "nobody"] satisfies User[]) {
  describe(`nsm demo, run by ${user === "self" ? "this user" : "an ordinary user"}`, function () {
    this.timeout(limitMs + 20_000)

    before(needsPlaygrounds(user))

    it("shows a local and a remote wire with echoes over IPv4 and IPv6, and leaves nothing", async () => {
      await using nsm = await CommandLine.open(user)
      const from = performance.now()
      const { code, stdout, stderr } = await nsm.run("demo", "-o", "json")
      assert.equal(code, 0, stderr)
      assert.ok(performance.now() - from < limitMs, "it took longer than a minute")
      // One document: what is parsed is all that was printed.
      const { schemaVersion, wires, pings, leftovers } = JSON.parse(stdout) as Demo
      assert.equal(schemaVersion, 1)
      assert.deepEqual(wires.map(({ mechanism }) => mechanism).toSorted(), ["KERNEL", "VXLAN"])
      for (const wire of wires) assert.equal(wire.state, "up", JSON.stringify(wire))
      for (const { client } of wires) {
        const families = pings
          .filter((ping) => ping.client === client)
          .map(({ destination }) => (destination.includes(":") ? "IPv6" : "IPv4"))
        assert.deepEqual(families.toSorted(), ["IPv4", "IPv6"], `families pinged by ${client}`)
      }
      for (const { client, destination, sent, received } of pings) {
        assert.equal(received, sent, `echoes from ${client} to ${destination}`)
      }
      assert.deepEqual(leftovers, [])
    })

    it("prints a table, a drawing and what it does for people", async () => {
      await using nsm = await CommandLine.open(user)
      const { code, stdout, stderr } = await nsm.run("demo")
      assert.equal(code, 0, stderr)
      for (const word of ["node-1", "node-2", "nsc-1", "nsc-2", "nse-1", "icmp-responder"]) {
        assert.ok(stdout.includes(word), `${word} is not in:\n${stdout}`)
      }
      for (const word of ["KERNEL", "VXLAN", "172.16.", "fd00:", "ms"]) {
        assert.ok(stdout.includes(word), `${word} is not in:\n${stdout}`)
      }
      assert.match(stdout, /nothing of the demo is left/i)
      assert.match(stderr, /registry/, "it said nothing while it worked")
    })
  })
}
