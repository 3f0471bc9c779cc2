import assert from "node:assert/strict"
import { once } from "node:events"
import { connect, createServer, type Server, type Socket } from "node:net"
import { NsmError } from "../../core/errors.ts"
import { silentLog } from "../../core/log.ts"
import { Handshakes, type HandshakesOptions } from "./handshakes.ts"
import { plaintext } from "./security.ts"

describe("Handshakes", () => {
  let gate: Server
  let accepted: Socket[]
  beforeEach(async () => {
    accepted = []
    gate = createServer((socket) => void accepted.push(socket.on("error", () => {})))
    await new Promise<void>((resolve) => gate.listen(0, "127.0.0.1", resolve))
  })
  afterEach(async () => {
    for (const socket of accepted) socket.destroy()
    await new Promise((resolve) => gate.close(resolve))
  })
  const socket = async (): Promise<Socket> => {
    const { port } = gate.address() as { port: number }
    const dialled = connect(port, "127.0.0.1").on("error", () => {})
    await once(gate, "connection")
    const [last] = accepted.slice(-1)
    assert.ok(last)
    dialled.write("hello")
    await once(last, "readable")
    return last
  }
  const handshakes = (options: Partial<HandshakesOptions> = {}): Handshakes =>
    new Handshakes({
      ...{ log: silentLog, isUnix: false, security: plaintext, onRefused: () => {} },
      ...options,
    })
  /** Waits until its socket is closed, as TLS does for a peer that says nothing. */
  const silent = {
    ...plaintext,
    server: async (stream: NodeJS.EventEmitter) => {
      await once(stream, "close")
      throw new NsmError("PEER_NOT_TRUSTED", "closed")
    },
  }

  it("say where the other side is", async () => {
    const made = await handshakes().begin(await socket())
    assert.match(made?.peer.address ?? "", /^127\.0\.0\.1:\d+$/)
    const local = await handshakes({ isUnix: true }).begin(await socket())
    assert.equal(local?.peer.address, "unix:")
  })

  it("push out the oldest when there are too many", async () => {
    using begun = handshakes({ security: silent, mostAtOnce: 2 })
    const sockets = [await socket(), await socket(), await socket()]
    const [first] = sockets.map((each) => begun.begin(each))
    assert.equal(await first, undefined)
    assert.deepEqual(
      sockets.map(({ destroyed }) => destroyed),
      [true, false, false],
    )
  })

  it("end with the listener, which is nobody's failure", async () => {
    const failures: NsmError[] = []
    const begun = handshakes({ security: silent, onRefused: (failure) => failures.push(failure) })
    const taken = await socket()
    const ending = begun.begin(taken)
    begun[Symbol.dispose]()
    assert.equal(await ending, undefined)
    assert.ok(taken.destroyed)
    assert.deepEqual(failures, [])
  })

  it("close a connection whose layer cannot be made", async () => {
    const taken = await socket()
    const unixSockets = (): never => {
      throw new NsmError("KERNEL_REFUSED", "no descriptors")
    }
    assert.equal(await handshakes({ isUnix: true, unixSockets }).begin(taken), undefined)
    assert.ok(taken.destroyed)
  })
})
