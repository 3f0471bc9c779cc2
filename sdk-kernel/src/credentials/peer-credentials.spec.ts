import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { chmod } from "node:fs/promises"
import { connect, createServer, type Server, type Socket } from "node:net"
import { PassThrough } from "node:stream"
import { NsmError } from "@nsm/sdk"
import { temporaryFolder } from "@nsm/sdk/testing"
import { peerCredentials } from "./peer-credentials.ts"

describe("peerCredentials", () => {
  let cleanup: AsyncDisposableStack
  let server: Server
  let path: string

  beforeEach(async () => {
    cleanup = new AsyncDisposableStack()
    const folder = cleanup.use(await temporaryFolder())
    path = `${folder.path}/socket`
    server = createServer()
    await once(server.listen(path), "listening")
    cleanup.defer(() => void server.close())
  })
  afterEach(() => cleanup.disposeAsync())

  const accepted = async (): Promise<Socket> => {
    const [socket] = (await once(server, "connection")) as [Socket]
    cleanup.defer(() => void socket.destroy())
    return socket
  }

  it("names this process to itself", async () => {
    const taken = accepted()
    const client = connect(path)
    cleanup.defer(() => void client.destroy())
    const { pid, uid, gid } = peerCredentials(await taken)
    assert.deepEqual([pid, uid, gid], [process.pid, process.getuid?.(), process.getgid?.()])
  })

  it("names another process, with the user and the group that it runs as", async function () {
    if (process.getuid?.() !== 0) {
      this["skipReason"] = "needs root, to run a process as another user"
      this.skip()
    }
    const taken = accepted()
    const script = "require('node:net').connect(process.argv[1]).resume()"
    // The folder is its owner's alone until others are let in.
    await chmod(path.replace(/\/socket$/, ""), 0o755)
    await chmod(path, 0o777)
    const child = spawn(process.execPath, ["-e", script, path], { uid: 1234, gid: 4321 })
    const end = once(child, "exit")
    cleanup.defer(async () => {
      child.kill("SIGKILL")
      await end
    })
    const { pid, uid, gid } = peerCredentials(await taken)
    assert.deepEqual([pid, uid, gid], [child.pid, 1234, 4321])
  })

  it("fails where there is no socket", () => {
    const isRefusal = (thrown: unknown): boolean =>
      thrown instanceof NsmError && thrown.reason === "INVALID_REQUEST"
    assert.throws(() => peerCredentials(new PassThrough()), isRefusal)
  })
})
