import assert from "node:assert/strict"
import { daemonLog, type DaemonLogOptions } from "./log.ts"

async function written(options: Partial<DaemonLogOptions> = {}) {
  const lines: string[] = []
  const destination = { write: (line: string) => void lines.push(line) }
  const log = await daemonLog({
    name: "nsc",
    level: "info",
    isText: false,
    destination,
    ...options,
  })
  return { log, lines, documents: () => lines.map((line) => JSON.parse(line) as object) }
}

describe("daemonLog", () => {
  it("writes a JSON document a line, with time, level, name, message and fields", async () => {
    const { log, documents } = await written()
    log.info("ready", { port: 1 })
    log.child({ id: "c-1" }).warn("slow", { token: "t" })
    const [first, second] = documents() as { ts: string }[]
    assert.match(first?.ts ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    assert.partialDeepStrictEqual(first, { level: "info", name: "nsc", msg: "ready", port: 1 })
    assert.partialDeepStrictEqual(second, {
      level: "warn",
      msg: "slow",
      id: "c-1",
      token: "[redacted]",
    })
  })

  it("changes the level of the log and of its children while it runs", async () => {
    const { log, lines } = await written()
    const child = log.child({})
    child.debug("unheard")
    log.level = "trace"
    child.debug("heard")
    log.level = "error"
    child.warn("unheard")
    assert.equal(log.level, "error")
    assert.equal(lines.length, 1)
  })

  it("writes text for people, in colours only when asked", async () => {
    const plain = await written({ isText: true, hasColor: false })
    plain.log.info("ready", { port: 1 })
    assert.match(plain.lines.join(""), /^\[[\d:.]+\] INFO: nsc: ready\n {4}port: 1\n$/)
    const coloured = await written({ isText: true, hasColor: true })
    coloured.log.info("ready")
    assert.ok(coloured.lines.join("").includes("\u001b["))
  })
})
