import assert from "node:assert/strict"
import { once } from "node:events"
import { statSync, symlinkSync } from "node:fs"
import { mkdtempDisposable } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { FakeClock } from "../../testing/fake-clock.ts"
import { reach } from "./reach.ts"

describe("reach", () => {
  it("connects to the socket that a URL means, and to none that lies there instead", async () => {
    await using dir = await mkdtempDisposable(join(tmpdir(), "nsm-"))
    const path = join(dir.path, "socket")
    await using server = createServer((socket) => socket.destroy()).listen(path)
    await once(server, "listening")
    const options = { clock: new FakeClock(), timeoutMs: 1000 }
    const { dev, ino } = statSync(path, { bigint: true })
    const socket = await reach(`unix://${path}#1@${dev}/${ino}`, options)
    socket.destroy()
    for (const other of [
      `unix://${path}#1@${dev}/${ino + 1n}`,
      `unix://${path}x#1@${dev}/${ino}`,
    ]) {
      const gone = { reason: "PEER_UNREACHABLE", message: /the socket has gone/ }
      await assert.rejects(reach(other, options), gone)
    }
  })

  it("says in its own words why it cannot look at a socket", async () => {
    await using dir = await mkdtempDisposable(join(tmpdir(), "nsm-"))
    const path = join(dir.path, "loop")
    symlinkSync(path, path)
    const url = `unix://${path}#1@1/1`
    const failure = { name: "NsmError", message: /dial unix:.*ELOOP/ }
    await assert.rejects(reach(url, { clock: new FakeClock(), timeoutMs: 1000 }), failure)
  })
})
