import assert from "node:assert/strict"
import { once } from "node:events"
import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs"
import { writeFile } from "node:fs/promises"
import { connect, createServer, type Socket } from "node:net"
import { join } from "node:path"
import type { Duplex } from "node:stream"
import { setTimeout } from "node:timers/promises"
import { create } from "@bufbuild/protobuf"
import { ConnectionSchema, NetworkServiceRequestSchema } from "@nsm/api"
import {
  type Call,
  callee,
  type Callee,
  type Descriptors,
  expose,
  grpcTransport,
  mutualTls,
  type NetworkService,
  networkServiceWire,
  plaintext,
  type Security,
  sentFiles,
  silentLog,
  systemClock,
  type Transport,
  withCall,
} from "@nsm/sdk"
import {
  type FixedIdentity,
  fixedIdentity,
  temporaryFolder,
  type TemporaryFolder,
  transportContract,
  type TransportWorld,
} from "@nsm/sdk/testing"
import { descriptorSockets } from "./descriptor-sockets.ts"

const never = new AbortController().signal

function openFiles(): number {
  return readdirSync("/proc/self/fd").length
}

/** Waits, a turn of the event loop at a time, for what is about to be so. */
async function until(isSo: () => boolean): Promise<void> {
  for (const end = performance.now() + 5000; !isSo();) {
    assert.ok(performance.now() < end, "it did not come about within 5 s")
    await setTimeout(1)
  }
}

/** Two ends of a unix socket, as Node has them. */
async function sockets({ path }: TemporaryFolder): Promise<[Socket, Socket] & AsyncDisposable> {
  const server = createServer()
  await once(server.listen(join(path, "socket")), "listening")
  const one = connect(join(path, "socket"))
  const [[other]] = (await Promise.all([once(server, "connection"), once(one, "connect")])) as [
    [Socket],
    unknown,
  ]
  return Object.assign([one, other] satisfies [Socket, Socket], {
    async [Symbol.asyncDispose]() {
      for (const socket of [one, other]) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}

async function read(stream: Duplex, length: number): Promise<Buffer> {
  const parts: Buffer[] = []
  let got = 0
  for await (const part of stream.iterator({ destroyOnReturn: false })) {
    parts.push(part as Buffer)
    got += (part as Buffer).length
    if (got >= length) break
  }
  return Buffer.concat(parts)
}

/** Bytes in which none can be taken for another. */
function pattern(length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, at) => (at * 7 + (at >> 8) * 13) & 0xff))
}

describe("descriptorSockets", () => {
  let folder: TemporaryFolder
  beforeEach(async () => (folder = await temporaryFolder()))
  afterEach(() => folder[Symbol.asyncDispose]())

  const file = async (name: string): Promise<string> => {
    const path = join(folder.path, name)
    await writeFile(path, `the words of ${name}`)
    return path
  }

  describe("between two of them", () => {
    it("carries bytes both ways, more than the kernel takes at once", async () => {
      await using pair = await sockets(folder)
      const [one, other] = pair.map((socket) => descriptorSockets()(socket).stream)
      assert.ok(one && other)
      const bytes = pattern(3_000_000)
      one.write(bytes)
      other.write(bytes)
      const [there, back] = await Promise.all([read(other, bytes.length), read(one, bytes.length)])
      assert.ok(there.equals(bytes) && back.equals(bytes))
    })

    it("stops writing when the other does not read", async () => {
      await using pair = await sockets(folder)
      const [one, other] = pair.map((socket) => descriptorSockets()(socket).stream)
      assert.ok(one && other)
      const bytes = pattern(4_000_000)
      assert.equal(one.write(bytes), false)
      await setTimeout(20)
      assert.ok(one.writableLength > 0)
      assert.ok((await read(other, bytes.length)).equals(bytes))
      await until(() => one.writableLength === 0)
    })

    it("passes files by which the other reaches what they hold", async () => {
      await using pair = await sockets(folder)
      const layer = descriptorSockets()
      const [one, other] = [layer(pair[0]), layer(pair[1])]
      other.stream.resume()
      const url = one.descriptors.send(await file("one"))
      assert.match(url, /^inode:\/\/\d+\/\d+$/)
      one.stream.write("x")
      const path = await other.descriptors.receive(url, never)
      assert.match(path, new RegExp(`^/proc/${process.pid}/fd/\\d+$`))
      assert.equal(readFileSync(path, "utf8"), "the words of one")
      assert.equal(pair[1].bytesRead, 1)
    })

    it("passes 200 files without touching the bytes, and closes all of them with the connection", async () => {
      const paths = await Promise.all(Array.from({ length: 200 }, (_, at) => file(at.toString())))
      const before = openFiles()
      {
        await using pair = await sockets(folder)
        const layer = descriptorSockets()
        const [one, other] = [layer(pair[0]), layer(pair[1])]
        const urls = paths.map((path) => one.descriptors.send(path))
        const bytes = pattern(100_000)
        one.stream.write(bytes)
        assert.ok((await read(other.stream, bytes.length)).equals(bytes))
        const received = await Promise.all(urls.map((url) => other.descriptors.receive(url, never)))
        assert.deepEqual(
          received.map((path) => readlinkSync(path)),
          paths,
        )
      }
      await until(() => openFiles() === before)
    })

    it("sends files that do not fit into one write with the next", async () => {
      await using pair = await sockets(folder)
      const layer = descriptorSockets()
      const [one, other] = [layer(pair[0]), layer(pair[1])]
      other.stream.resume()
      const urls = [await file("a"), await file("b")].map((path) => one.descriptors.send(path))
      one.stream.write("x")
      await other.descriptors.receive(urls[0] ?? "", never)
      one.stream.write("y")
      await other.descriptors.receive(urls[1] ?? "", never)
    })

    it("closes what was not sent when the connection ends", async () => {
      const path = await file("one")
      const before = openFiles()
      {
        await using pair = await sockets(folder)
        const { descriptors } = descriptorSockets()(pair[0])
        descriptors.send(path)
      }
      await until(() => openFiles() === before)
    })

    it("tells that the other end has ended, by either way", async () => {
      await using pair = await sockets(folder)
      const [one, other] = pair.map((socket) => descriptorSockets()(socket).stream)
      assert.ok(one && other)
      one.resume().end("bye")
      assert.equal((await read(other, 4)).toString(), "bye")
      assert.ok(other.readableEnded)
      await until(() => one.destroyed && other.destroyed)
      assert.ok(pair[0].destroyed)
    })

    it("ends when the socket that it was made of is ended", async () => {
      await using pair = await sockets(folder)
      const { stream } = descriptorSockets()(pair[0])
      pair[0].destroy()
      await once(stream, "close")
    })

    it("refuses to send what is not there, and over a connection that has ended", async () => {
      await using pair = await sockets(folder)
      const { stream, descriptors } = descriptorSockets()(pair[0])
      assert.throws(() => descriptors.send(join(folder.path, "nothing")), {
        reason: "NAMESPACE_NOT_FOUND",
        message: /nothing/,
      })
      stream.destroy()
      const path = await file("one")
      const before = openFiles()
      assert.throws(() => descriptors.send(path), { reason: "PEER_UNREACHABLE" })
      assert.ok(openFiles() <= before)
    })
  })

  it("leaves the bytes intact for one who knows nothing of files", async () => {
    await using pair = await sockets(folder)
    const { stream, descriptors } = descriptorSockets()(pair[0])
    const paths = await Promise.all(Array.from({ length: 70 }, (_, at) => file(at.toString())))
    for (const path of paths) descriptors.send(path)
    const bytes = pattern(200_000)
    stream.write(bytes)
    assert.ok((await read(pair[1], bytes.length)).equals(bytes))
    pair[1].write("answer")
    assert.equal((await read(stream, 6)).toString(), "answer")
  })

  it("gives what Node had read before", async () => {
    await using pair = await sockets(folder)
    pair[0].pause()
    pair[0].on("readable", () => {})
    pair[1].write("early")
    await until(() => pair[0].readableLength > 0)
    const { stream } = descriptorSockets()(pair[0])
    pair[1].write(" and late")
    assert.equal((await read(stream, 14)).toString(), "early and late")
  })

  const identities = new Map<string, FixedIdentity>()
  before(async () => {
    const { authority } = await fixedIdentity({ id: "spiffe://nsm.test/first" })
    for (const name of ["client", "server", "other"]) {
      identities.set(name, await fixedIdentity({ id: `spiffe://nsm.test/${name}`, authority }))
    }
  })
  const tls = (name: string): Security => {
    const source = identities.get(name) ?? identities.get("other")
    assert.ok(source)
    return mutualTls({ source })
  }

  transportContract("gRPC over sockets that pass files", () => world(() => plaintext))
  transportContract("gRPC and TLS over sockets that pass files", () => world(tls))

  for (const [title, security] of [
    ["gRPC", () => plaintext],
    ["gRPC and TLS", tls],
  ] as const) {
    describe(`under ${title}`, () => {
      it("passes files with a call, asked for before or after they come, and with its answer", async () => {
        const paths = [await file("asked"), await file("answered")] as const
        const before = openFiles()
        {
          await using all = await world(security)
          let inode = ""
          const listener = await all.transport("server").listen(all.url(), [
            expose(networkServiceWire, {
              ...nothing,
              async request({ connection }, { peer, signal }) {
                assert.ok(peer?.descriptors && connection)
                const path = await peer.descriptors.receive(connection.id, signal)
                inode = peer.descriptors.send(paths[1])
                return { ...connection, id: inode, payload: readFileSync(path, "utf8") }
              },
            }),
          ])
          const service = all.transport("client").client(listener.url, networkServiceWire)
          await inCall(async (call) => {
            const known: Callee = {}
            const asking = call.with(callee, known)
            // the first call finds out whom it speaks with
            const url = inodeOf(paths[0])
            const answer = await service.request(requestOf(url), asking.with(sentFiles, [paths[0]]))
            assert.equal(answer.payload, "the words of asked")
            assert.equal(answer.id, inode)
            const path = await descriptorsOf(known).receive(inode, call.signal)
            assert.equal(readFileSync(path, "utf8"), "the words of answered")
            // the call is there before its file
            const late = service.request(requestOf(inodeOf(paths[1])), call)
            await setTimeout(20)
            await service.close(blank, call.with(sentFiles, [paths[1]]))
            assert.equal((await late).payload, "the words of answered")
          })
        }
        await until(() => openFiles() === before)
      })

      it("fails a call whose file never comes, when the call ends", async () => {
        await using all = await world(security)
        const failures: unknown[] = []
        const listener = await all.transport("server").listen(all.url(), [
          expose(networkServiceWire, {
            ...nothing,
            async request(_, { peer, signal }) {
              await peer?.descriptors?.receive("inode://1/2", signal).catch((failure: unknown) => {
                failures.push(failure)
                throw failure
              })
              return blank
            },
          }),
        ])
        const service = all.transport("client").client(listener.url, networkServiceWire)
        await assert.rejects(
          inCall((call) => service.request(requestOf(""), call), 50),
          { reason: "DEADLINE_EXCEEDED" },
        )
        await until(() => failures.length > 0)
        assert.match(String(failures[0]), /timeout in receiving inode:\/\/1\/2/)
      })
    })
  }
})

const blank = create(ConnectionSchema, {})
const nothing: NetworkService = {
  request: async () => blank,
  close: async () => {},
  async *monitorConnections() {},
}

function requestOf(id: string) {
  return create(NetworkServiceRequestSchema, { connection: { id } })
}

function inodeOf(path: string): string {
  const { dev, ino } = statSync(path, { bigint: true })
  return `inode://${dev}/${ino}`
}

function descriptorsOf({ peer }: Callee): Descriptors {
  assert.ok(peer?.descriptors)
  return peer.descriptors
}

function inCall<T>(run: (call: Call) => Promise<T>, timeoutMs = 5000): Promise<T> {
  return withCall({ clock: systemClock, log: silentLog, timeoutMs }, run)
}

async function world(security: (name: string) => Security): Promise<TransportWorld> {
  const folder = await temporaryFolder()
  const transports: Transport[] = []
  let count = 0
  return {
    clock: systemClock,
    url: () => `unix://${folder.path}/deep/er/${count++}.sock`,
    transport(name) {
      const unixSockets = descriptorSockets()
      const limits = { dialTimeoutMs: 1000, shutdownTimeoutMs: 200 }
      const transport = grpcTransport({ name, security: security(name), unixSockets, ...limits })
      transports.push(transport)
      return transport
    },
    pass: (ms) => setTimeout(ms),
    async [Symbol.asyncDispose]() {
      await Promise.all(transports.map((transport) => transport[Symbol.asyncDispose]()))
      await folder[Symbol.asyncDispose]()
    },
  }
}
