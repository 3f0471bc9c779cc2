import assert from "node:assert/strict"
import { existsSync, readlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { create } from "@bufbuild/protobuf"
import { timestampFromMs } from "@bufbuild/protobuf/wkt"
import { type NetworkServiceEndpoint, NetworkServiceEndpointSchema } from "@nsm/api"
import {
  bind,
  type Call,
  callee,
  element,
  endpointKind,
  type NetworkServiceEndpointRegistry,
  NsmError,
  sentFiles,
} from "@nsm/sdk"
import { FakeClock, temporaryFolder, type TemporaryFolder, testCall } from "@nsm/sdk/testing"
import { inodeUrlAt } from "../descriptors/held-file.ts"
import { passingPeer, type PassingPeer } from "../testing/passing-peer.ts"
import { answerEndpointFiles } from "./answer-endpoint-files.ts"
import { receiveEndpointFiles } from "./receive-endpoint-files.ts"
import { sendEndpointFiles } from "./send-endpoint-files.ts"

type Registry = NetworkServiceEndpointRegistry

describe("sockets of endpoints", () => {
  let folder: TemporaryFolder
  let peer: PassingPeer
  let clock: FakeClock
  let call: Call
  /** What came to the registry: its URLs, and the files that went along. */
  let seen: { url: string; files: readonly string[] }[]
  /** What is found there. */
  let entries: { endpoint: NetworkServiceEndpoint; deleted?: boolean }[]
  let failure: NsmError | undefined

  beforeEach(async () => {
    folder = await temporaryFolder()
    peer = passingPeer()
    clock = new FakeClock(0)
    call = testCall({ clock, peer })
    seen = []
    entries = []
    failure = undefined
  })
  afterEach(() => folder[Symbol.asyncDispose]())

  const note = ({ url }: NetworkServiceEndpoint, within: Call): void => {
    seen.push({ url, files: within.get(sentFiles) })
    if (failure) throw failure
  }
  const registry: Registry = {
    async register(endpoint, within) {
      note(endpoint, within)
      return endpoint
    },
    async *find(_, within) {
      const holder = within.get(callee)
      if (holder) holder.peer = peer
      for (const { endpoint, deleted = false } of entries) {
        yield endpointKind.response(endpoint, deleted)
      }
    },
    async unregister(endpoint, within) {
      note(endpoint, within)
    },
  }
  const file = (name: string): string => {
    const path = join(folder.path, name)
    writeFileSync(path, name)
    return path
  }
  const entry = (url: string, name = "nse-1", until?: number): NetworkServiceEndpoint =>
    create(NetworkServiceEndpointSchema, {
      ...{ name, url },
      ...(until !== undefined && { expirationTime: timestampFromMs(until) }),
    })
  const found = async (service: Registry): Promise<string[]> => {
    const answers = await Array.fromAsync(service.find(endpointKind.query(undefined, false), call))
    return answers.map(({ networkServiceEndpoint: endpoint }) => endpoint?.url ?? "")
  }
  const pathIn = (url = ""): string => {
    assert.match(url, new RegExp(`^unix:///proc/${process.pid}/fd/\\d+#\\d+@\\d+/\\d+$`))
    return url.slice("unix://".length).replace(/#.*/, "")
  }

  describe("receiveEndpointFiles", () => {
    let service: Registry
    beforeEach(() => (service = bind(receiveEndpointFiles(), registry)))

    it("gives the manager a path to dial, and the endpoint its own URL", async () => {
      const socket = file("socket")
      const url = peer.give(socket)
      const granted = await service.register(entry(url), call)
      assert.equal(granted.url, url)
      assert.equal(readlinkSync(pathIn(seen[0]?.url)), socket)
    })

    it("holds one descriptor for as long as the endpoint is registered", async () => {
      const url = peer.give(file("socket"))
      await service.register(entry(url), call)
      await service.register(entry(url), call)
      const [first, second] = seen
      assert.equal(second?.url, first?.url)
      await service.unregister(entry(url), testCall())
      assert.equal(seen[2]?.url, first?.url)
      assert.ok(!existsSync(pathIn(first?.url)))
    })

    it("gives the next socket another URL, though it may get the same descriptor", async () => {
      await service.register(entry(peer.give(file("one"))), call)
      await service.unregister(entry(""), call)
      await service.register(entry(peer.give(file("two"))), call)
      assert.notEqual(seen[2]?.url, seen[0]?.url)
      await service.unregister(entry(""), call)
    })

    it("lets the former socket go when the endpoint listens elsewhere", async () => {
      await service.register(entry(peer.give(file("one"))), call)
      await service.register(entry(peer.give(file("two"))), call)
      assert.ok(!existsSync(pathIn(seen[0]?.url)))
      await service.register(entry("tcp://192.0.2.1:5000"), call)
      assert.ok(!existsSync(pathIn(seen[1]?.url)))
      assert.equal(seen[2]?.url, "tcp://192.0.2.1:5000")
    })

    it("keeps the socket that stands when a registration fails, and no other", async () => {
      const url = peer.give(file("one"))
      await service.register(entry(url), call)
      failure = new NsmError("PEER_UNREACHABLE", "no registry")
      await assert.rejects(service.register(entry(url), call))
      await assert.rejects(service.register(entry(peer.give(file("two"))), call))
      assert.ok(existsSync(pathIn(seen[0]?.url)))
      assert.ok(!existsSync(pathIn(seen[2]?.url)))
    })

    it("says what to do when an inode comes without a way for its file", async () => {
      await assert.rejects(service.register(entry("inode://1/2"), testCall()), {
        reason: "INVALID_URL",
        message: /inode:\/\/1\/2.*register through the manager's unix socket/,
      })
    })
  })

  describe("answerEndpointFiles", () => {
    it("sends what was received along with answers, and leaves the rest", async () => {
      const service = bind(
        element<Registry>("all", (next) => next),
        bind(answerEndpointFiles(), registry),
      )
      const manager = bind(receiveEndpointFiles(), registry)
      const socket = file("socket")
      const url = peer.give(socket)
      await manager.register(entry(url), call)
      const held = seen[0]?.url ?? ""
      const others = ["unix:///run/nse", "tcp://192.0.2.1:5001", "unix:///proc/1/fd/2"]
      entries = [held, ...others].map((each) => ({ endpoint: entry(each) }))
      entries.push({ endpoint: entry(held), deleted: true })
      assert.deepEqual(await found(service), [url, ...others, held])
      assert.deepEqual(peer.sent, [pathIn(held)])
      call = testCall()
      assert.equal((await found(service))[0], held)
      await manager.unregister(entry(url), call)
      call = testCall({ peer })
      assert.equal((await found(service))[0], held)
    })
  })

  describe("sendEndpointFiles", () => {
    const url = "unix:///run/manager"

    it("sends the socket along, and gives the endpoint its own URL", async () => {
      const service = bind(sendEndpointFiles({ url }), registry)
      const socket = file("socket")
      const granted = await service.register(entry(`unix://${socket}`), call)
      assert.equal(granted.url, `unix://${socket}`)
      await service.unregister(granted, call)
      const sent = { url: inodeUrlAt(socket), files: [socket] }
      assert.deepEqual(seen, [sent, sent])
    })

    it("leaves alone what is not here, and everything over TCP", async () => {
      const service = bind(sendEndpointFiles({ url }), registry)
      await service.register(entry("unix:///gone"), call)
      await service.register(entry("tcp://192.0.2.1:5000"), call)
      const far = bind(sendEndpointFiles({ url: "tcp://192.0.2.1:5001" }), registry)
      const socket = `unix://${file("socket")}`
      await far.register(entry(socket), call)
      assert.deepEqual(
        seen.map((one) => [one.url, one.files]),
        [
          ["unix:///gone", []],
          ["tcp://192.0.2.1:5000", []],
          [socket, []],
        ],
      )
    })

    it("receives what is found, once, and lets it go when it is taken out", async () => {
      const service = bind(sendEndpointFiles({ url }), registry)
      const socket = file("socket")
      const inode = peer.give(socket)
      entries = [{ endpoint: entry(inode) }, { endpoint: entry(inode, "nse-2") }]
      const [one, two] = await found(service)
      assert.equal(one, two)
      const path = pathIn(one)
      assert.equal(readlinkSync(path), socket)
      entries = [{ endpoint: entry(inode), deleted: true }]
      await found(service)
      assert.ok(existsSync(path))
      entries = [{ endpoint: entry(inode, "nse-2"), deleted: true }]
      await found(service)
      assert.ok(!existsSync(path))
    })

    it("lets go what has expired, what is elsewhere now, and all at its end", async () => {
      const controller = new AbortController()
      const service = bind(sendEndpointFiles({ url, signal: controller.signal }), registry)
      const [one, two, three] = ["one", "two", "three"].map((name) => peer.give(file(name)))
      assert.ok(one && two && three)
      entries = [{ endpoint: entry(one, "nse-1", 1000) }, { endpoint: entry(two, "nse-2") }]
      const paths = (await found(service)).map(pathIn)
      await clock.advance(1001)
      entries = [{ endpoint: entry(three, "nse-2") }]
      const moved = (await found(service)).map(pathIn)
      assert.deepEqual(
        [...paths, ...moved].map((path) => readlinkOf(path)),
        // one of the numbers may have been used again
        [...paths, ...moved].map((path) =>
          moved.includes(path) ? join(folder.path, "three") : undefined,
        ),
      )
      controller.abort()
      assert.deepEqual(moved.filter(existsSync), [])
    })
  })
})

function readlinkOf(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}
