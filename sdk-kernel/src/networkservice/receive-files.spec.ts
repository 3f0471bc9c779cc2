import assert from "node:assert/strict"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { create } from "@bufbuild/protobuf"
import {
  type Connection,
  MechanismParameter,
  MechanismSchema,
  type NetworkServiceRequest,
} from "@nsm/api"
import {
  bind,
  type Call,
  chain,
  connectionState,
  element,
  established,
  grant,
  type NetworkService,
  NsmError,
} from "@nsm/sdk"
import {
  elementContract,
  FakeClock,
  requestOf,
  temporaryFolder,
  type TemporaryFolder,
  testCall,
} from "@nsm/sdk/testing"
import { passingPeer, type PassingPeer } from "../testing/passing-peer.ts"
import { receiveFiles } from "./receive-files.ts"

const key = MechanismParameter.inodeUrl

function offering(...urls: readonly string[]): NetworkServiceRequest {
  const mechanismPreferences = urls.map((url) =>
    create(MechanismSchema, { cls: "LOCAL", type: "KERNEL", parameters: { [key]: url } }),
  )
  return { ...requestOf(), mechanismPreferences }
}

describe("receiveFiles", () => {
  elementContract(() => receiveFiles())

  let folder: TemporaryFolder
  let peer: PassingPeer
  let call: Call
  let asked: NetworkServiceRequest[]
  let closed: Connection[]
  /** What comes after: chooses the last that is offered, unless a test says otherwise. */
  let answer: (request: NetworkServiceRequest) => Connection | undefined
  let service: NetworkService

  beforeEach(async () => {
    folder = await temporaryFolder()
    peer = passingPeer()
    call = testCall({ peer })
    asked = []
    closed = []
    answer = () => undefined
    service = made(receiveFiles())
  })
  afterEach(() => folder[Symbol.asyncDispose]())

  const made = (part: ReturnType<typeof receiveFiles>): NetworkService => {
    const last = element<NetworkService>("last", (next) => ({
      async request(request, within) {
        asked.push(request)
        const connection = await next.request(request, within)
        const mechanism = connection.mechanism ?? request.mechanismPreferences.at(-1)
        return answer(request) ?? { ...connection, ...(mechanism && { mechanism }) }
      },
      async close(connection) {
        closed.push(connection)
      },
    }))
    return bind(chain("all", connectionState(), part, last), grant)
  }
  const file = (name: string): string => {
    const path = join(folder.path, name)
    writeFileSync(path, name)
    return path
  }
  const offered = (at = -1): string[] =>
    asked.at(at)?.mechanismPreferences.map(({ parameters }) => parameters[key] ?? "") ?? []
  const urlOf = ({ mechanism }: Connection): string => mechanism?.parameters[key] ?? ""
  const pathOf = (url = ""): string => {
    assert.match(url, new RegExp(`^file:///proc/${process.pid}/fd/\\d+$`))
    return url.slice("file://".length)
  }

  it("gives the chain a path to what the caller sends, and the caller its own URL", async () => {
    const url = peer.give(file("one"))
    const granted = await service.request(offering(url), call)
    assert.equal(readFileSync(pathOf(offered()[0]), "utf8"), "one")
    assert.equal(urlOf(granted), url)
  })

  it("closes what was not chosen, and the rest with the connection", async () => {
    const urls = [peer.give(file("one")), peer.give(file("two"))]
    const granted = await service.request(offering(...urls), call)
    const [one, two] = offered().map(pathOf)
    assert.ok(one && two && !existsSync(one) && existsSync(two))
    await service.close(granted, call)
    assert.equal(closed.map(urlOf)[0], `file://${two}`)
    assert.ok(!existsSync(two))
  })

  it("asks for nothing again when the request is repeated, even from inside", async () => {
    const url = peer.give(file("one"))
    const granted = await service.request(offering(url), call)
    const path = offered()[0]
    const again = { ...offering(), connection: granted }
    const refreshed = await service.request(again, testCall().with(established, true))
    assert.equal(asked.at(-1)?.connection?.mechanism?.parameters[key], path)
    assert.equal(urlOf(refreshed), url)
    assert.ok(existsSync(pathOf(path)))
  })

  it("closes everything when a first request fails, and nothing when a later one does", async () => {
    const url = peer.give(file("one"))
    const granted = await service.request(offering(url), call)
    const path = pathOf(offered()[0])
    answer = () => {
      throw new NsmError("ALL_FORWARDERS_FAILED", "none")
    }
    const again = { ...offering(), connection: granted }
    await assert.rejects(service.request(again, call.with(established, true)))
    assert.ok(existsSync(path))
    const other = { ...offering(url), connection: requestOf({ id: "other" }).connection }
    await assert.rejects(service.request(other, call))
    assert.ok(!existsSync(pathOf(offered()[0])))
  })

  it("fails with what the wait failed with, before anybody else is asked", async () => {
    await assert.rejects(service.request(offering("inode://1/2"), call), {
      reason: "DEADLINE_EXCEEDED",
      message: /timeout in receiving inode:\/\/1\/2/,
    })
    assert.equal(asked.length, 0)
  })

  it("leaves the URL of a file that does not come to whoever opens it", async () => {
    const clock = new FakeClock()
    const waits = { ...peer, descriptors: { ...peer.descriptors, receive: ended } }
    const granted = service.request(offering("inode://1/2"), testCall({ peer: waits, clock }))
    await clock.advance(1000)
    assert.equal(urlOf(await granted), "inode://1/2")
    assert.deepEqual(offered(), ["inode://1/2"])
  })

  it("leaves other URLs alone, and everything over TCP", async () => {
    await service.request(offering("file:///run/netns/blue", ""), call)
    assert.deepEqual(offered(), ["file:///run/netns/blue", ""])
    await service.request(offering("inode://1/2"), testCall({ peer: { address: "tcp" } }))
    assert.deepEqual(offered(), ["inode://1/2"])
  })

  it("leaves what can be seen from here under its own URL", async () => {
    service = made(receiveFiles({ finder: { find: () => "/proc/7/ns/net" } }))
    await service.request(offering("inode://1/2"), call)
    assert.deepEqual(offered(), ["inode://1/2"])
  })

  it("sends the file of the answer along, each time, and knows it when it comes back", async () => {
    const path = file("endpoint")
    answer = ({ connection }) => ({
      ...(connection ?? assert.fail()),
      mechanism: create(MechanismSchema, {
        type: "KERNEL",
        parameters: { [key]: `file://${path}` },
      }),
    })
    const granted = await service.request(offering(""), call)
    assert.match(urlOf(granted), /^inode:\/\/\d+\/\d+$/)
    assert.deepEqual(peer.sent, [path])
    const again = { ...offering(), connection: granted }
    const refreshed = await service.request(again, call.with(established, true))
    assert.equal(asked.at(-1)?.connection?.mechanism?.parameters[key], `file://${path}`)
    assert.equal(urlOf(refreshed), urlOf(granted))
    assert.deepEqual(peer.sent, [path, path])
  })

  it("leaves the answer alone when its file is not here", async () => {
    answer = ({ connection }) => ({
      ...(connection ?? assert.fail()),
      mechanism: create(MechanismSchema, { type: "KERNEL", parameters: { [key]: "file:///gone" } }),
    })
    assert.equal(urlOf(await service.request(offering(""), call)), "file:///gone")
    assert.deepEqual(peer.sent, [])
  })
})

/** Waits for what does not come. */
function ended(_url: string, signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true })
  })
}
