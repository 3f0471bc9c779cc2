import assert from "node:assert/strict"
import type { Socket } from "node:net"
import { create } from "@bufbuild/protobuf"
import { ConnectionSchema, Header, MonitorScopeSelectorSchema } from "@nsm/api"
import { issueSvid } from "../../authority/issuer.ts"
import {
  type Call,
  type Callee,
  callee,
  type Descriptors,
  type Peer,
  sentFiles,
  withCall,
} from "../../core/call.ts"
import { ended } from "../../core/ended.ts"
import { NsmError } from "../../core/errors.ts"
import { silentLog } from "../../core/log.ts"
import type { IdentitySource } from "../../identity/identity.ts"
import { mutualTls } from "../../identity/mutual-tls.ts"
import type { TokenSource } from "../../identity/token.ts"
import { type NetworkService, networkServiceWire } from "../../networkservice/service.ts"
import { grant } from "../../networkservice/tail.ts"
import { FakeClock } from "../../testing/fake-clock.ts"
import { type FixedIdentity, fixedIdentity } from "../../testing/fixed-identity.ts"
import { temporaryFolder, type TemporaryFolder } from "../../testing/temporary-folder.ts"
import { expose, type Transport } from "../transport.ts"
import { grpcTransport, type GrpcTransportOptions } from "./transport.ts"

const hour = 3_600_000
const nsc = "spiffe://nsm.test/nsc"
const nsmgr = "spiffe://nsm.test/nsmgr"
const connection = create(ConnectionSchema, { id: "c1" })

describe("gRPC with certificates", () => {
  let cleanup: AsyncDisposableStack
  let folder: TemporaryFolder
  let clock: FakeClock
  let own: FixedIdentity
  let peer: FixedIdentity
  let url: string

  beforeEach(async () => {
    cleanup = new AsyncDisposableStack()
    folder = cleanup.use(await temporaryFolder())
    url = folder.socket("nsmgr.sock")
    clock = new FakeClock(Date.now())
    own = await fixedIdentity({ id: nsc, clock })
    peer = await fixedIdentity({ id: nsmgr, authority: own.authority, clock })
  })
  afterEach(() => cleanup.disposeAsync())

  const transport = (
    source: FixedIdentity | undefined,
    options: Partial<GrpcTransportOptions> = {},
  ): Transport =>
    cleanup.use(
      grpcTransport({
        ...{ name: "process", clock, dialTimeoutMs: 5000 },
        ...(source && { security: mutualTls({ source, clock }) }),
        ...options,
      }),
    )
  const serve = async (
    service: Partial<NetworkService> = {},
    options: Partial<GrpcTransportOptions> = {},
  ): Promise<void> => {
    await transport(peer, options).listen(url, [
      expose(networkServiceWire, { ...grant, ...service }),
    ])
  }
  const inCall = <T>(run: (call: Call) => Promise<T>): Promise<T> =>
    withCall({ clock, log: silentLog }, run)
  const close = (client: Transport, on: (call: Call) => Call = (call) => call): Promise<void> =>
    inCall((call) => client.client(url, networkServiceWire).close(connection, on(call)))

  it("says on both sides who the other is", async () => {
    let caller: Peer | undefined
    await serve({ close: async (_, call) => void (caller = call.peer) })
    const holder: Callee = {}
    await close(transport(own), (call) => call.with(callee, holder))
    assert.equal(caller?.address, "unix:")
    assert.equal(caller?.id, nsc)
    assert.ok(caller?.certificate?.raw.equals(own.current.svid.certificates[0].raw))
    assert.equal(holder.peer?.address, url)
    assert.equal(holder.peer?.id, nsmgr)
    assert.ok(holder.peer?.certificate?.raw.equals(peer.current.svid.certificates[0].raw))
  })

  it("does not have certificates read again with each call", async () => {
    const callers: (Peer | undefined)[] = []
    await serve({ close: async (_, call) => void callers.push(call.peer) })
    const client = transport(own)
    await close(client)
    await close(client)
    assert.equal(callers[0], callers[1])
  })

  it("sends a token for the peer with every call and every stream", async () => {
    const seen: unknown[] = []
    const note = ({ metadata }: Call): unknown =>
      seen.push([metadata.get(Header.clientToken), metadata.get(Header.clientTokenExpires)])
    await serve({
      close: async (_, call) => void note(call),
      // oxlint-disable-next-line require-yield -- it ends without an event
      async *monitorConnections(_, call) {
        note(call)
      },
    })
    const tokens: TokenSource = {
      token: (to) => ({ token: `for ${to?.id}`, expiresAt: Date.UTC(2026, 0, 1) }),
    }
    const client = transport(own, { tokens })
    await close(client)
    const scope = create(MonitorScopeSelectorSchema)
    await inCall(async (call) => {
      const events = client.client(url, networkServiceWire).monitorConnections(scope, call)
      for await (const event of events) assert.fail(JSON.stringify(event))
    })
    const headers = [`for ${nsmgr}`, "2026-01-01T00:00:00.000Z"]
    assert.deepEqual(seen, [headers, headers])
  })

  it("passes unix sockets through the layer that carries files, on both sides", async () => {
    const sent: string[] = []
    const descriptors: Descriptors = {
      send: (path) => `inode://${sent.push(path)}/1`,
      receive: async () => "/proc/self/fd/9",
    }
    const unixSockets = (stream: Socket) => ({ stream, descriptors })
    let caller: Peer | undefined
    await serve({ close: async (_, call) => void (caller = call.peer) }, { unixSockets })
    const holder: Callee = {}
    await close(transport(own, { unixSockets }), (call) =>
      call.with(callee, holder).with(sentFiles, ["/proc/self/ns/net"]),
    )
    assert.deepEqual(sent, ["/proc/self/ns/net"])
    assert.equal(caller?.descriptors, descriptors)
    assert.equal(holder.peer?.descriptors, descriptors)
  })

  describe("refuses", () => {
    const failure = async (client: Transport): Promise<NsmError> => {
      const thrown: unknown = await close(client).then(
        () => undefined,
        (error: unknown) => error,
      )
      assert.ok(thrown instanceof NsmError, String(thrown))
      return thrown
    }

    it("who is not of its trust domains, and both sides say why and where", async () => {
      const refused = Promise.withResolvers<NsmError>()
      await serve({}, { onRefused: refused.resolve })
      const stranger = await fixedIdentity({
        ...{ id: "spiffe://other.test/nsc", joined: [own.authority], clock },
      })
      const error = await failure(transport(stranger))
      assert.equal(error.reason, "REFUSED_BY_PEER")
      assert.ok(error.text.startsWith(`${url}: `), error.text)
      assert.match(error.text, /certificate of spiffe:\/\/other\.test\/nsc, which is valid until/)
      const { reason, text } = await refused.promise
      assert.equal(reason, "PEER_NOT_TRUSTED")
      assert.match(text, /other\.test, which is not joined/)
    })

    it("to call who is not of its trust domains", async () => {
      await serve()
      const stranger = await fixedIdentity({ id: "spiffe://other.test/nsc", clock })
      const error = await failure(transport(stranger))
      assert.equal(error.reason, "PEER_NOT_TRUSTED")
      assert.match(error.text, /^unix:.*nsmgr\.sock: spiffe:\/\/nsm\.test\/nsmgr is of the trust/)
    })

    it("who speaks no TLS", async () => {
      const refused = Promise.withResolvers<NsmError>()
      await serve({}, { onRefused: refused.resolve })
      assert.equal((await failure(transport(undefined))).reason, "PEER_UNREACHABLE")
      assert.match((await refused.promise).text, /does not speak TLS/)
    })

    it("to call who speaks no TLS", async () => {
      await transport(undefined).listen(url, [expose(networkServiceWire, grant)])
      const error = await failure(transport(own))
      assert.equal(error.reason, "PEER_NOT_TRUSTED")
      assert.match(error.text, /nsmgr\.sock: the peer does not speak TLS/)
    })

    it("to call without an identity that still holds", async () => {
      await serve()
      await clock.advance(hour)
      const error = await failure(transport(own))
      assert.equal(error.reason, "IDENTITY_MISSING")
      assert.match(
        error.text,
        /nsmgr\.sock: the certificate of spiffe:\/\/nsm\.test\/nsc expired at/,
      )
    })

    it("nobody who only looks whether anybody is there", async () => {
      let refusals = 0
      await serve({}, { onRefused: () => (refusals += 1) })
      // Each dial looks before it connects.
      await close(transport(own))
      assert.equal(refusals, 0)
    })
  })

  describe("when certificates are renewed or end", () => {
    /** Serial numbers of the callers' certificates. */
    let seen: (string | undefined)[]
    /** The callers, of whom there is one per connection. */
    let callers: Set<Peer | undefined>
    let calls: PromiseWithResolvers<void>
    beforeEach(async () => {
      seen = []
      callers = new Set()
      calls = Promise.withResolvers<void>()
      await serve({
        close: async (_, { peer: by }) => {
          callers.add(by)
          seen.push(by?.certificate?.serialNumber)
        },
        async *monitorConnections(_, call) {
          yield { $typeName: "connection.ConnectionEvent", type: 0, connections: {} }
          await Promise.race([ended(call.signal), calls.promise])
        },
      })
    })
    /** Does something while a stream is open, which has to outlast it. */
    const watching = (client: Transport, work: () => Promise<void>): Promise<void> =>
      inCall(async (call) => {
        const scope = create(MonitorScopeSelectorSchema)
        const events = client.client(url, networkServiceWire).monitorConnections(scope, call)
        const reader = events[Symbol.asyncIterator]()
        assert.equal((await reader.next()).done, false)
        await work()
        calls.resolve()
        assert.equal((await reader.next()).done, true)
      })
    const serial = (): string => own.current.svid.certificates[0].serialNumber
    /** Certificates that OpenSSL, which goes by the machine's time, believes now. */
    const renewFor = async (identity: FixedIdentity, lifetimeMs: number): Promise<void> => {
      const { id } = identity.current.svid
      const now = Date.now()
      const svid = await issueSvid(own.authority.issuer, { id, now, lifetimeMs })
      identity.set({ ...identity.current, svid })
    }

    it("goes on with a connection for as long as nothing is renewed", async () => {
      const client = transport(own)
      await close(client)
      await clock.advance(hour / 2)
      await close(client)
      assert.equal(callers.size, 1)
    })

    it("takes another connection when it is about to end, renewed or not", async () => {
      const client = transport(own)
      await close(client)
      await clock.advance((hour * 3) / 4)
      await close(client)
      assert.equal(callers.size, 2)
    })

    it("takes another connection once the own one is renewed, and lets streams go on", async () => {
      const client = transport(own)
      await close(client)
      const first = serial()
      await watching(client, async () => {
        await renewFor(own, 3 * hour)
        await close(client)
        assert.deepEqual(seen, [first, serial()])
      })
    })

    it("has another one taken once the server's is renewed, and lets streams go on", async () => {
      const client = transport(own)
      await watching(client, async () => {
        await close(client)
        await renewFor(peer, 3 * hour)
        // Calls that cross the server's goodbye are made again.
        await Promise.all(Array.from({ length: 20 }, () => close(client)))
        assert.equal(seen.length, 21)
        assert.equal(callers.size, 2)
      })
    })

    it("takes no more calls on it once it has ended, however little the caller cares", async () => {
      const careless = new FakeClock(Date.now())
      const quiet: IdentitySource = {
        get current() {
          return own.current
        },
        onChange: () => ({ [Symbol.dispose]: () => {} }),
      }
      const client = transport(own, {
        ...{ clock: careless, security: mutualTls({ source: quiet, clock: careless }) },
      })
      await close(client)
      await renewFor(own, 3 * hour)
      await close(client)
      assert.equal(callers.size, 1)
      await clock.advance(hour)
      // By now the server has none either, until it is renewed.
      await renewFor(peer, 3 * hour)
      await close(client)
      assert.equal(callers.size, 2)
    })

    it("waits for another connection when it has ended meanwhile", async () => {
      const client = transport(own)
      await close(client)
      await renewFor(own, 3 * hour)
      await renewFor(peer, 3 * hour)
      await clock.advance(hour + 1)
      await close(client)
      assert.equal(seen.at(-1), serial())
    })
  })
})
