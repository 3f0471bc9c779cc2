import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { type Connection, ConnectionSchema, NetworkServiceRequestSchema } from "@nsm/api"
import {
  bind,
  chain,
  connectionState,
  element,
  eventFactory,
  grant,
  type NetworkService,
  silentLog,
  withCall,
} from "@nsm/sdk"
import { elementContract, FakeClock } from "@nsm/sdk/testing"
import { type WiredNamespace, wiredNamespaces } from "./cross-connect.ts"
import { namespaceWatch } from "./namespace-watch.ts"

describe("namespaceWatch", () => {
  elementContract(({ clock }) => {
    const watch = { clock, log: silentLog, tasks: { run: () => {} }, isThere: () => true }
    return chain("watched", namespaceWatch(watch), wired)
  })

  it("closes a connection within one interval after a namespace has gone", async () => {
    const node = watching()
    await node.request("a", ["blue", "red"])
    await node.clock.advance(1000)
    assert.deepEqual(node.closed, [])
    node.gone.add("red")
    await node.clock.advance(250)
    assert.deepEqual(node.closed, ["a"])
  })

  it("closes every connection that ended there, and looks at a namespace once per interval", async () => {
    const node = watching()
    await node.request("a", ["blue", "endpoint"])
    await node.request("b", ["red", "endpoint"])
    await node.clock.advance(250)
    assert.deepEqual(node.looks.toSorted(), ["blue", "endpoint", "red"])
    node.gone.add("endpoint")
    await node.clock.advance(250)
    assert.deepEqual(node.closed, ["a", "b"])
  })

  it("has one timer however many connections there are, and none for none", async () => {
    const node = watching()
    assert.equal(node.clock.pending, 0)
    await node.request("a", ["blue"])
    await node.request("b", ["red"])
    assert.equal(node.clock.pending, 1)
    await node.close("a")
    assert.equal(node.clock.pending, 1)
    await node.close("b")
    assert.equal(node.clock.pending, 0)
  })

  it("asks for a close only once", async () => {
    const node = watching({ closes: false })
    await node.request("a", ["blue"])
    node.gone.add("blue")
    await node.clock.advance(2000)
    assert.deepEqual(node.closed, ["a"])
  })

  it("survives a close that fails", async () => {
    const node = watching({ fails: true })
    await node.request("a", ["blue"])
    await node.request("b", ["red"])
    node.gone.add("blue")
    await node.clock.advance(250)
    node.gone.add("red")
    await node.clock.advance(250)
    assert.deepEqual(node.closed, ["a", "b"])
    assert.equal(node.failures.length, 2)
  })

  it("stops when it is told to", async () => {
    const node = watching()
    await node.request("a", ["blue"])
    node.end.abort()
    assert.equal(node.clock.pending, 0)
  })
})

function watching({ closes = true, fails = false } = {}) {
  const clock = new FakeClock()
  const end = new AbortController()
  const gone = new Set<string>()
  const looks: string[] = []
  const closed: string[] = []
  const log = silentLog
  const failures: unknown[] = []
  const tasks = {
    run: (_name: string, work: () => Promise<void>) =>
      void work().catch((failure: unknown) => failures.push(failure)),
  }
  const isThere = ({ url }: WiredNamespace): boolean => {
    looks.push(url)
    return !gone.has(url)
  }
  const watch = namespaceWatch({ clock, log, tasks, isThere, signal: end.signal })
  const service = bind(chain("forwarder", connectionState(), watch, wired), grant)
  const close = (id: string): Promise<void> =>
    withCall({ clock, log }, (call) => service.close(create(ConnectionSchema, { id }), call))
  const request = (id: string, urls: string[]): Promise<Connection> =>
    withCall({ clock, log }, (call) => {
      const factory = {
        request: () => Promise.reject(new Error("not asked for")),
        async close() {
          closed.push(id)
          if (fails) throw new Error("the next hop is away")
          if (closes) await close(id)
        },
      }
      const labels = Object.fromEntries(urls.map((url) => [url, ""]))
      const message = create(NetworkServiceRequestSchema, { connection: { id, labels } })
      return service.request(message, call.with(eventFactory, factory))
    })
  return { clock, end, gone, looks, closed, failures, request, close }
}

/** Says that a connection's wire ends in the namespaces that its labels name. */
const wired = element<NetworkService>("wired", (next) => ({
  async request(request, call) {
    const urls = Object.keys(request.connection?.labels ?? {})
    wiredNamespaces.set(
      call,
      urls.map((url) => ({ url, inode: { dev: 4, ino: url.length } })),
    )
    return next.request(request, call)
  },
}))
