import assert from "node:assert/strict"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { PingResult } from "@nsm/cmd-nsm"
import { CommandLine, needsPlaygrounds, type User } from "@nsm/integration-netns"
import { statusOf } from "./status-of.ts"
import { succeeded } from "./succeeded.ts"

for (const user of ["self", "nobody"] satisfies User[]) {
  describe(`nsm up, run by ${user === "self" ? "this user" : "an ordinary user"}`, function () {
    this.timeout(120_000)
    before(needsPlaygrounds(user))

    it("brings a playground up, shows it, adds to it, runs in it, pings through it, takes it away", async () => {
      await using nsm = await CommandLine.open(user)
      const file = await topologyFile(nsm, "lab")
      succeeded(await nsm.run("up", "-f", file))

      const status = await statusOf(nsm, "lab")
      assert.deepEqual(
        status.nodes.map(({ name, daemons }) => [name, daemons.map(({ ready }) => ready)]),
        [["node-1", [true, true]]],
      )
      assert.deepEqual(
        status.wires.map(({ client, state }) => [client, state]),
        [["nsc-1", "up"]],
      )

      succeeded(await nsm.run("add", "node", "node-2", "-n", "lab"))
      const far = ["--node", "node-2", "--service", "kernel://icmp-responder/far"]
      succeeded(await nsm.run("add", "client", "nsc-2", ...far, "-n", "lab"))
      const { wires } = await statusOf(nsm, "lab")
      assert.deepEqual(
        wires.map((wire) => [wire.client, wire.mechanism, wire.interface, wire.state].join(" ")),
        ["nsc-1 KERNEL nsm-1 up", "nsc-2 VXLAN far up"],
      )

      const [first, second] = ["nsc-1", "nsc-2"].map((name) =>
        wires.find((wire) => wire.client === name),
      )
      const inside = succeeded(
        await nsm.run("exec", "-n", "lab", "nsc-2", "--", "ip", "-o", "address", "show", "far"),
      )
      for (const address of second?.addresses.client ?? [])
        assert.ok(inside.includes(address), inside)
      assert.notDeepEqual(first?.addresses.client, second?.addresses.client)

      const { pings } = JSON.parse(
        succeeded(await nsm.run("ping", "-n", "lab", "-o", "json")),
      ) as Pings
      assert.equal(pings.length, 4)
      for (const { destination, sent, received } of pings) assert.equal(received, sent, destination)

      for (const shown of ["table", "wide"]) {
        const text = succeeded(await nsm.run("status", "-n", "lab", "-o", shown))
        assert.ok(text.includes("far") && text.includes("VXLAN"), text)
      }

      const record = join(nsm.directory, "path.json")
      succeeded(await nsm.run("path", "export", "nsc-2/far", "-n", "lab", "-o", record))
      const roots = join(nsm.directory, "roots.pem")
      await writeFile(roots, succeeded(await nsm.run("trust", "bundle", "export", "-n", "lab")))
      const given = ["--bundle", `nsm.local=${roots}`, "-o", "json"]
      const proof = JSON.parse(
        succeeded(await nsm.run("path", "verify", record, ...given)),
      ) as Proof
      assert.ok(proof.proven)
      assert.deepEqual(
        proof.hops.map(({ name }) => name),
        second?.path,
      )

      succeeded(await nsm.run("down", "lab"))
      assert.deepEqual(await nsm.leftovers(), [])
      succeeded(await nsm.run("down", "lab"))
      assert.equal((await nsm.run("status", "-n", "lab")).code, 3)
    })
  })
}

describe("nsm up and its bounds", function () {
  this.timeout(120_000)
  before(needsPlaygrounds())

  it("answers the status of a command that it ran, and runs nothing in a workload that is not there", async () => {
    await using nsm = await CommandLine.open()
    succeeded(await nsm.run("up", "-f", await topologyFile(nsm, "lab")))
    assert.equal((await nsm.run("exec", "-n", "lab", "nsc-1", "--", "sh", "-c", "exit 7")).code, 7)
    const missing = await nsm.run("exec", "-n", "lab", "nobody-here", "--", "true")
    assert.equal(missing.code, 1)
    assert.match(missing.stderr, /NAMESPACE_NOT_FOUND.*nobody-here/)
    succeeded(await nsm.run("down", "lab"))
  })

  it("refuses a second playground of the same name, and has several of different names", async () => {
    await using nsm = await CommandLine.open()
    const file = await topologyFile(nsm, "lab")
    succeeded(await nsm.run("up", "-f", file))
    const again = await nsm.run("up", "-f", file)
    assert.equal(again.code, 1)
    assert.match(again.stderr, /ADDRESS_IN_USE[\s\S]*nsm down lab/)
    assert.deepEqual(
      (await statusOf(nsm, "lab")).wires.map(({ state }) => state),
      ["up"],
    )
    succeeded(await nsm.run("up", "-f", await topologyFile(nsm, "other")))
    assert.deepEqual(
      (await statusOf(nsm, "other")).wires.map(({ state }) => state),
      ["up"],
    )
    succeeded(await nsm.run("down", "other"))
    assert.deepEqual(
      (await statusOf(nsm, "lab")).wires.map(({ state }) => state),
      ["up"],
    )
    succeeded(await nsm.run("down", "lab"))
  })

  it("names line and field of what is wrong in a topology, and starts nothing", async () => {
    await using nsm = await CommandLine.open()
    const file = join(nsm.directory, "wrong.yaml")
    await writeFile(file, "name: lab\nnodes:\n  - name: node-1\n    colour: red\n")
    const { code, stderr } = await nsm.run("up", "-f", file)
    assert.equal(code, 2)
    assert.match(
      stderr,
      /INVALID_CONFIGURATION[\s\S]*wrong\.yaml:4: nodes\.0\.colour: unknown field/,
    )
    assert.deepEqual(await nsm.leftovers(), [])
  })
})

describe("nsm up on a machine that allows no network namespaces", function () {
  this.timeout(60_000)
  before(needsPlaygrounds())

  it("says which privilege or feature is missing, and leaves nothing", async () => {
    const forbid = 'echo 0 > /proc/sys/user/max_net_namespaces && exec "$@"'
    const through = ["unshare", "--user", "--map-root-user", "sh", "-c", forbid, "sh"]
    await using nsm = await CommandLine.open("self", through)
    const { code, stderr } = await nsm.run("up", "-f", await topologyFile(nsm, "lab"))
    assert.equal(code, 4, stderr)
    assert.match(stderr, /PRIVILEGE_MISSING[\s\S]*namespaces/)
    assert.deepEqual(await nsm.leftovers(), [])
  })
})

/** What `nsm path verify -o json` prints. */
interface Proof {
  readonly proven: boolean
  readonly hops: readonly { readonly name: string }[]
}

interface Pings {
  readonly pings: readonly PingResult[]
}

/** One node with an endpoint and a client. */
async function topologyFile({ directory }: CommandLine, name: string): Promise<string> {
  const file = join(directory, `${name}.yaml`)
  await writeFile(
    file,
    `name: ${name}
nodes: [{ name: node-1 }]
endpoints: [{ name: nse-1, node: node-1, services: [icmp-responder] }]
clients: [{ name: nsc-1, node: node-1, services: ["kernel://icmp-responder/nsm-1"] }]
`,
  )
  return file
}
