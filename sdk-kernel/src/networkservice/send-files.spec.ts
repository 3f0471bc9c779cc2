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
  callee,
  type Callee,
  chain,
  connectionState,
  connectTo,
  element,
  established,
  grant,
  type NetworkService,
  sentFiles,
} from "@nsm/sdk"
import {
  elementContract,
  requestOf,
  temporaryFolder,
  type TemporaryFolder,
  testCall,
} from "@nsm/sdk/testing"
import { HeldFile, inodeUrlAt } from "../descriptors/held-file.ts"
import { passingPeer, type PassingPeer } from "../testing/passing-peer.ts"
import { sendFiles, type SendFilesOptions } from "./send-files.ts"

const key = MechanismParameter.inodeUrl
const blind = { find: () => undefined }

function kernel(url: string) {
  return create(MechanismSchema, { cls: "LOCAL", type: "KERNEL", parameters: { [key]: url } })
}

describe("sendFiles", () => {
  elementContract(() => sendFiles())

  let folder: TemporaryFolder
  let peer: PassingPeer
  let seen: { request?: NetworkServiceRequest; connection?: Connection; call: Call }[]
  /** What the next hop chooses; by default the first that it is offered. */
  let chosen: string | undefined
  let nextFails: Error | undefined
  let service: NetworkService
  let call: Call

  beforeEach(async () => {
    folder = await temporaryFolder()
    peer = passingPeer()
    seen = []
    chosen = undefined
    nextFails = undefined
    service = made()
    call = testCall()
  })
  afterEach(() => folder[Symbol.asyncDispose]())

  const made = (
    options: SendFilesOptions = { finder: blind },
    url = "unix:///run/manager",
  ): NetworkService => {
    const hop = element<NetworkService>("hop", (next) => ({
      async request(request, within) {
        seen.push({ request, call: within })
        const holder = within.get(callee)
        if (holder) holder.peer = peer
        if (nextFails) throw nextFails
        const connection = await next.request(request, within)
        const mechanism =
          chosen === undefined
            ? (connection.mechanism ?? request.mechanismPreferences[0])
            : kernel(chosen)
        return { ...connection, ...(mechanism && { mechanism }) }
      },
      async close(connection, within) {
        seen.push({ connection, call: within })
      },
    }))
    return bind(chain("all", connectionState(), connectTo(url), sendFiles(options), hop), grant)
  }
  const file = (name: string): string => {
    const path = join(folder.path, name)
    writeFileSync(path, name)
    return path
  }
  const offering = (...urls: readonly string[]): NetworkServiceRequest => ({
    ...requestOf(),
    mechanismPreferences: urls.map(kernel),
  })
  const offered = (): string[] =>
    seen.at(-1)?.request?.mechanismPreferences.map(({ parameters }) => parameters[key] ?? "") ?? []
  const along = (): readonly string[] => seen.at(-1)?.call.get(sentFiles) ?? []
  const urlOf = (connection: Connection | undefined): string =>
    connection?.mechanism?.parameters[key] ?? ""

  it("sends files along under their inodes, and gives back the URL that was offered", async () => {
    const [one, two] = [file("one"), file("two")]
    const granted = await service.request(offering(`file://${one}`, `file://${two}`), call)
    assert.deepEqual(offered(), [inodeUrlAt(one), inodeUrlAt(two)])
    assert.deepEqual(along(), [one, two])
    assert.equal(urlOf(granted), `file://${one}`)
  })

  it("sends the file with a refresh and with a close", async () => {
    const one = file("one")
    const granted = await service.request(offering(`file://${one}`), call)
    const again = { ...offering(), connection: granted }
    await service.request(again, call.with(established, true))
    assert.equal(urlOf(seen.at(-1)?.request?.connection), inodeUrlAt(one))
    assert.deepEqual(along(), [one])
    await service.close(granted, call)
    assert.equal(urlOf(seen.at(-1)?.connection), inodeUrlAt(one))
    assert.deepEqual(along(), [one])
  })

  it("sends what is named by inode and can be seen from here", async () => {
    const one = file("one")
    service = made({ finder: { find: () => one } })
    const url = inodeUrlAt(one) ?? ""
    const granted = await service.request(offering(url), call)
    assert.deepEqual([offered(), along(), urlOf(granted)], [[url], [one], url])
  })

  it("leaves alone what is not here, and everything over TCP", async () => {
    await service.request(offering("file:///gone", "inode://1/2", ""), call)
    assert.deepEqual(offered(), ["file:///gone", "inode://1/2", ""])
    assert.deepEqual(along(), [])
    service = made({ finder: blind }, "tcp://192.0.2.1:5001")
    const url = `file://${file("one")}`
    await service.request(offering(url), call)
    assert.deepEqual([offered(), along()], [[url], []])
  })

  it("between others sends on what it was sent, and leaves paths to those who see them", async () => {
    service = made({ relays: true, finder: blind })
    const one = file("one")
    using held = HeldFile.open(file("two"))
    const granted = await service.request(offering(`file://${one}`, `file://${held.path}`), call)
    assert.deepEqual(offered(), [`file://${one}`, held.url])
    assert.deepEqual(along(), [held.path])
    assert.equal(urlOf(granted), `file://${one}`)
  })

  it("between others knows a file again that was named by path, without looking for it", async () => {
    const find = (): string => assert.fail("it was looked for")
    service = made({ relays: true, finder: { find } })
    const one = file("one")
    chosen = inodeUrlAt(one)
    const granted = await service.request(offering(`file://${one}`), call)
    assert.deepEqual([offered(), along(), urlOf(granted)], [[`file://${one}`], [], `file://${one}`])
    // By now the next hop calls it by its inode, and may wait for it.
    await service.close(granted, call)
    assert.equal(urlOf(seen.at(-1)?.connection), chosen)
    assert.deepEqual(along(), [one])
  })

  it("receives the file of the answer, and holds it until the connection is closed", async () => {
    chosen = peer.give(file("endpoint"))
    const granted = await service.request(offering(""), call)
    const path = urlOf(granted).slice("file://".length)
    assert.equal(path.startsWith(`/proc/${process.pid}/fd/`), true)
    assert.equal(readFileSync(path, "utf8"), "endpoint")
    const again = { ...offering(), connection: granted }
    const refreshed = await service.request(again, call.with(established, true))
    assert.equal(urlOf(refreshed), urlOf(granted))
    await service.close(refreshed, call)
    assert.equal(urlOf(seen.at(-1)?.connection), chosen)
    assert.ok(!existsSync(path))
  })

  it("lets the file go when the next hop chooses another", async () => {
    chosen = peer.give(file("endpoint"))
    const granted = await service.request(offering(""), call)
    const path = urlOf(granted).slice("file://".length)
    chosen = peer.give(file("other"))
    const again = { ...offering(""), connection: granted }
    const moved = await service.request(again, call.with(established, true))
    assert.ok(!existsSync(path))
    assert.equal(readFileSync(urlOf(moved).slice("file://".length), "utf8"), "other")
  })

  it("leaves what it sees from here under its own URL", async () => {
    service = made({ finder: { find: () => file("endpoint") } })
    chosen = "inode://1/2"
    assert.equal(urlOf(await service.request(offering(), call)), "inode://1/2")
  })

  it("closes what was granted when its file does not come", async () => {
    chosen = "inode://1/2"
    await assert.rejects(service.request(offering(), call), { reason: "DEADLINE_EXCEEDED" })
    assert.equal(urlOf(seen.at(-1)?.connection), "inode://1/2")
  })

  it("shares what the transport tells with those who asked before", async () => {
    const holder: Callee = {}
    await service.request(offering(), call.with(callee, holder))
    assert.equal(holder.peer, peer)
  })
})
