import assert from "node:assert/strict"
import { DaemonProcess, temporaryFolder } from "@nsm/sdk/testing"
import { Lab } from "../lab/lab.ts"
import { needsPrivilege } from "../lab/privilege.ts"
import { type Program, programFile } from "../lab/programs.ts"

function started(program: Program, env: Record<string, string>): DaemonProcess {
  const main = new URL(`file://${programFile(program)}`)
  return new DaemonProcess({ main, env: { NSM_INSECURE: "true", ...env } })
}

describe("a command with settings that cannot work", function () {
  this.timeout(30_000)

  const urls = [
    "icmp-responder",
    "kernel://",
    "kernel://icmp-responder/a/b",
    "kernel//icmp",
    "teleport://icmp-responder/nsm-1",
  ]
  for (const url of urls) {
    it(`cmd-nsc ends with 2 and names the service URL ${url}`, async () => {
      await using nsc = started("cmd-nsc", { NSM_NETWORK_SERVICES: url })
      assert.equal(await nsc.exitCode(), 2)
      assert.ok(nsc.errors.includes("NSM_NETWORK_SERVICES"), nsc.errors)
      assert.ok(nsc.errors.includes(url), nsc.errors)
    })
  }

  it("cmd-nsc ends with 2 and names an interface name that is too long", async () => {
    const url = "kernel://icmp-responder/sixteen-letters1"
    await using nsc = started("cmd-nsc", { NSM_NETWORK_SERVICES: url })
    assert.equal(await nsc.exitCode(), 2)
    assert.match(nsc.errors, /sixteen-letters1/)
  })

  it("cmd-nse-icmp-responder ends with 2 and names a prefix that is none", async () => {
    await using nse = started("cmd-nse-icmp-responder", { NSM_CIDR_PREFIX: "172.16.0.0/40" })
    assert.equal(await nse.exitCode(), 2)
    assert.match(nse.errors, /NSM_CIDR_PREFIX.*172\.16\.0\.0\/40/s)
  })

  it("a second manager on the same socket ends with 1 and says ADDRESS_IN_USE; the first goes on", async () => {
    await using folder = await temporaryFolder()
    const env = { NSM_LISTEN_ON: folder.socket("nsm"), NSM_REGISTRY_URL: "" }
    await using first = started("cmd-nsmgr", env)
    await first.line("ready")
    await using second = started("cmd-nsmgr", env)
    const { error } = await second.line("cannot start")
    assert.match(JSON.stringify(error), /ADDRESS_IN_USE/)
    assert.ok(JSON.stringify(error).includes(folder.socket("nsm")), JSON.stringify(error))
    assert.equal(await second.exitCode(), 1)
    first.kill("SIGTERM")
    assert.equal(await first.exitCode(), 0)
  })

  it("a second registry on the same port ends with 1 and says ADDRESS_IN_USE", async () => {
    const env = { NSM_LISTEN_ON: "tcp://127.0.0.1:0" }
    await using first = started("cmd-registry-memory", env)
    const ready = JSON.stringify(await first.line("ready"))
    const [url] = /tcp:\/\/127\.0\.0\.1:\d+/.exec(ready) ?? []
    assert.ok(url, ready)
    await using second = started("cmd-registry-memory", { NSM_LISTEN_ON: url })
    const { error } = await second.line("cannot start")
    assert.match(JSON.stringify(error), /ADDRESS_IN_USE/)
    assert.equal(await second.exitCode(), 1)
  })
})

describe("cmd-nsc whose request is refused", function () {
  this.timeout(60_000)
  before(needsPrivilege)

  it("says reason, hop and cause, and does not become ready", async () => {
    await using lab = await Lab.up()
    const node = await lab.addNode("node-1")
    const nsc = lab.addClient("nsc-1", node, "kernel://nothing-like-it/nsm-1")
    const line = await nsc.process.logged(/^.*SERVICE_NOT_FOUND.*$/m)
    assert.match(line, /nothing-like-it/)
    assert.match(line, /nsmgr-node-1/)
    await assert.rejects(nsc.process.page("/readyz"), /503/)
    assert.deepEqual(lab.interfaces("nsc-1"), [])
  })
})
