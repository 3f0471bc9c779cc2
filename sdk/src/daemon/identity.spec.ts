import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { HealthCheckRequestSchema } from "@nsm/api"
import { Registry } from "prom-client"
import { withCall } from "../core/call.ts"
import { systemClock } from "../core/clock.ts"
import { NsmError } from "../core/errors.ts"
import { silentLog } from "../core/log.ts"
import { seededRandom } from "../core/random.ts"
import { decodeToken } from "../identity/decode-token.ts"
import type { Identity } from "../identity/identity.ts"
import { parsePem } from "../identity/pem.ts"
import { FakeClock } from "../testing/fake-clock.ts"
import { servedIdentity } from "../testing/served-identity.ts"
import { temporaryFolder, type TemporaryFolder } from "../testing/temporary-folder.ts"
import { grpcTransport } from "../transport/grpc/transport.ts"
import { healthWire } from "../transport/health.ts"
import type { Route } from "./http/route.ts"
import { type DaemonIdentity, daemonIdentity, type IdentifiedDaemon } from "./identity.ts"
import { Readiness } from "./readiness.ts"

const id = "spiffe://nsm.test/nsmgr"
const hour = 3_600_000

describe("daemonIdentity", () => {
  let cleanup: AsyncDisposableStack
  let folder: TemporaryFolder
  let clock: FakeClock
  let url: string

  beforeEach(async () => {
    cleanup = new AsyncDisposableStack()
    folder = cleanup.use(await temporaryFolder())
    url = folder.socket("workload")
    clock = new FakeClock(Date.now())
  })
  afterEach(() => cleanup.disposeAsync())

  const served = async (): Promise<AsyncDisposable> =>
    cleanup.use(await servedIdentity({ url, id, clock }))

  interface World extends IdentifiedDaemon {
    readonly routes: Route[]
    readonly logged: { level: string; message: string; fields: object }[]
  }
  const daemon = (config: Partial<IdentifiedDaemon["config"]> = {}): World => {
    const logged: World["logged"] = []
    const noting =
      (level: string) =>
      (message: string, fields: object = {}): void =>
        void logged.push({ level, message, fields })
    const routes: Route[] = []
    return {
      config: {
        spiffeEndpointSocket: url,
        insecure: false,
        maxTokenLifetimeMs: 600_000,
        ...config,
      },
      log: { ...silentLog, info: noting("info"), warn: noting("warn") },
      clock,
      random: seededRandom(1),
      metrics: new Registry(),
      readiness: new Readiness(),
      route: (route) => void routes.push(route),
      signal: new AbortController().signal,
      use: (_, resource) => {
        cleanup.defer(async () => {
          if (Symbol.asyncDispose in resource) await resource[Symbol.asyncDispose]()
          else resource[Symbol.dispose]()
        })
        return resource
      },
      routes,
      logged,
    }
  }

  it("waits for the authority, and is not ready until then", async () => {
    const world = daemon()
    const starting = daemonIdentity(world)
    assert.deepEqual(world.readiness.checks, [
      { name: "identity", isMet: false, why: `${url} has not given one yet` },
    ])
    await served()
    await until(world, "identity", () => clock.advance(1000))
    assert.equal((await starting).source?.current.svid.id, id)
    assert.ok(world.readiness.isReady)
  })

  it("gives up waiting when the daemon ends", async () => {
    const reason = new NsmError("SHUTTING_DOWN", "the process is ending")
    await assert.rejects(daemonIdentity({ ...daemon(), signal: AbortSignal.abort(reason) }), reason)
  })

  it("shows who it is, its certificates and their end, and never a key", async () => {
    await served()
    const world = daemon()
    const { source } = await daemonIdentity(world)
    const svid = source?.current.svid
    const page = await shown(world)
    assert.equal(page.spiffeId, id)
    assert.equal(Date.parse(page.expiresAt), svid?.expiresAt)
    const [leaf] = parsePem(page.certificates, "it")
    assert.equal(leaf?.fingerprint256, svid?.certificates[0].fingerprint256)
    const metrics = await world.metrics.metrics()
    assert.ok(metrics.includes(`nsm_identity_expiry_seconds ${Number(svid?.expiresAt) / 1000}`))
    assert.doesNotMatch(JSON.stringify([page, world.logged]), /PRIVATE/)
  })

  it("logs each renewal, with id and end", async () => {
    await served()
    const world = daemon()
    const { source } = await daemonIdentity(world)
    assert.ok(source)
    const before = source.current.svid
    const change = Promise.withResolvers<Identity>()
    using _listening = source.onChange(change.resolve)
    await clock.advance(hour / 2)
    const { svid } = await change.promise
    const ends = [before, svid].map(({ expiresAt }) => new Date(expiresAt).toISOString())
    assert.deepEqual(
      world.logged.filter(({ message }) => message === "identity").map(({ fields }) => fields),
      ends.map((expiresAt) => ({ id, expiresAt, trustDomains: ["nsm.test"] })),
    )
    assert.equal((await shown(world)).expiresAt, ends[1])
  })

  it("is ready no more once its identity has expired", async () => {
    const authority = await served()
    const world = daemon()
    await daemonIdentity(world)
    await authority[Symbol.asyncDispose]()
    await clock.advance(hour)
    assert.equal(world.readiness.isReady, false)
    assert.match(world.readiness.checks[0]?.why ?? "", /spiffe:\/\/nsm.test\/nsmgr has expired/)
  })

  it("connects with TLS and signed tokens, and counts who is refused", async () => {
    await served()
    const world = daemon()
    const { connections, tokens } = await daemonIdentity(world)
    const { token } = tokens.token({ address: "peer", id: "spiffe://nsm.test/peer" })
    assert.deepEqual(decodeToken(token).audience, ["spiffe://nsm.test/peer"])
    const transport = cleanup.use(grpcTransport({ name: "daemon", ...connections }))
    const own = folder.socket("own")
    await transport.listen(own, [])
    await check(transport, own)
    const plain = cleanup.use(grpcTransport({ name: "plain" }))
    await assert.rejects(check(plain, own))
    assert.match(await world.metrics.metrics(), /nsm_connections_refused_total\{reason="\w+"\} 1/)
  })

  it("does without anything of it when told so, and says that loudly", async () => {
    const world = daemon({ insecure: true, maxTokenLifetimeMs: 1000 })
    const { connections, tokens, source }: DaemonIdentity = await daemonIdentity(world)
    assert.equal(source, undefined)
    assert.deepEqual(Object.keys(connections), ["tokens"])
    assert.deepEqual(tokens.token(undefined), { token: "", expiresAt: clock.now() + 1000 })
    assert.deepEqual(world.readiness.checks, [])
    assert.deepEqual(world.routes, [])
    assert.deepEqual(
      world.logged.map(({ level }) => level),
      ["warn"],
    )
  })
})

async function shown({ routes }: { routes: readonly Route[] }): Promise<Page> {
  const route = routes.find(({ path }) => path === "/identity")
  assert.ok(route)
  const request = { query: new URLSearchParams(), body: "", isLocal: true }
  return JSON.parse((await route.answer(request)).body) as Page
}

interface Page {
  readonly spiffeId: string
  readonly expiresAt: string
  readonly certificates: string
}

/** Has time pass until something is logged. */
async function until(
  { logged }: { logged: readonly { message: string }[] },
  message: string,
  step: () => Promise<void>,
): Promise<void> {
  while (!logged.some((line) => line.message === message)) await step()
}

function check(transport: ReturnType<typeof grpcTransport>, url: string): Promise<unknown> {
  return withCall({ clock: systemClock, log: silentLog, timeoutMs: 5000 }, (call) =>
    transport.client(url, healthWire).check(create(HealthCheckRequestSchema), call),
  )
}
