import assert from "node:assert/strict"
import { existsSync, readFileSync } from "node:fs"
import { setTimeout as wait } from "node:timers/promises"
import { systemClock } from "@nsm/sdk"
import { temporaryFolder, type TemporaryFolder } from "@nsm/sdk/testing"
import { type Started, startCommand } from "./start-command.ts"

const wanted = { service: "web", node: "node-2" }

describe("startCommand", () => {
  let folder: TemporaryFolder
  let file: string
  beforeEach(async () => {
    folder = await temporaryFolder()
    file = new URL(folder.socket("out")).pathname
  })
  afterEach(() => folder[Symbol.asyncDispose]())

  const started = (command: string, environment = {}): Started =>
    startCommand(wanted, "web-1", {
      command,
      environment: { PATH: process.env["PATH"], OUT: file, ...environment },
      clock: systemClock,
    })

  it("says for what it starts, also to the endpoints of this suite", async () => {
    const set = { NSM_NAME: "supplier", NSM_LABELS: "app:supplier", NSM_CONNECT_TO: "unix:///m" }
    const { end } = started('env | grep NSM_ | sort > "$OUT"', set)
    assert.deepEqual(await end, { isOrderly: true, how: "ended with 0" })
    assert.deepEqual(readFileSync(file, "utf8").trim().split("\n"), [
      "NSM_CONNECT_TO=unix:///m",
      "NSM_NAME=web-1",
      "NSM_REGISTER_SERVICE=false",
      "NSM_SERVICE_NAMES=web",
      "NSM_SUPPLY_NAME=web-1",
      "NSM_SUPPLY_NODE=node-2",
      "NSM_SUPPLY_SERVICE=web",
      "NSM_UNREGISTER_ITSELF=true",
    ])
  })

  it("says how it ended", async () => {
    assert.deepEqual(await started("exit 3").end, { isOrderly: false, how: "ended with 3" })
    const { how } = await started("kill -KILL $$").end
    assert.equal(how, "was ended by SIGKILL")
  })

  it("ends it with all that it has started", async () => {
    const command = started('sleep 600 & echo $! > "$OUT.new"; mv "$OUT.new" "$OUT"; wait')
    while (!existsSync(file)) await wait(5)
    const pid = Number(readFileSync(file, "utf8"))
    assert.ok(process.kill(pid, 0))
    await command[Symbol.asyncDispose]()
    await command[Symbol.asyncDispose]()
    assert.equal((await command.end).how, "was ended by SIGTERM")
    // Nobody waits for it but init, where there is one.
    const state = (): string => readFileSync(`/proc/${pid}/stat`, "utf8").split(" ")[2] ?? ""
    for (let looks = 0; looks < 200 && existsSync(`/proc/${pid}`) && state() !== "Z"; looks++) {
      await wait(10)
    }
    assert.ok(!existsSync(`/proc/${pid}`) || state() === "Z", "the command's own process lives on")
  })
})
