import assert from "node:assert/strict"
import type { X509Certificate } from "node:crypto"
import { create } from "@bufbuild/protobuf"
import { Header, X509BundlesRequestSchema, X509SvidRequestSchema } from "@nsm/api"
import { type Authority, createAuthority } from "../authority/authority.ts"
import type { Issuer } from "../authority/issuer.ts"
import { type Attestor, workloads } from "../authority/workloads.ts"
import { spiffeHeader } from "../authority/spiffe-header.ts"
import { bind } from "../core/chain.ts"
import { type Call, sentMetadata, withCall } from "../core/call.ts"
import { systemClock } from "../core/clock.ts"
import { NsmError } from "../core/errors.ts"
import { silentLog } from "../core/log.ts"
import { FakeClock } from "../testing/fake-clock.ts"
import { temporaryFolder, type TemporaryFolder } from "../testing/temporary-folder.ts"
import { Listeners } from "../tools/listeners.ts"
import { grpcTransport } from "../transport/grpc/transport.ts"
import { expose } from "../transport/transport.ts"
import type { Identity, IdentitySource } from "./identity.ts"
import { type WorkloadIdentity, workloadApi } from "./workload-api.ts"
import { workloadWire } from "./workload-service.ts"

const id = "spiffe://nsm.test/nsc"
const hour = 3_600_000

describe("workloadApi", () => {
  let cleanup: AsyncDisposableStack
  let folder: TemporaryFolder
  let clock: FakeClock
  let url: string
  let authority: Authority
  let kept: readonly Issuer[]
  let attestor: Attestor & { known: string | undefined; told: Listeners }
  let joined: { bundles: Map<string, Authority["bundle"]>; told: Listeners }

  beforeEach(async () => {
    cleanup = new AsyncDisposableStack()
    folder = cleanup.use(await temporaryFolder())
    url = folder.socket("workload")
    clock = new FakeClock()
    kept = []
    attestor = {
      known: id,
      told: new Listeners(),
      idOf() {
        if (this.known !== undefined) return this.known
        throw new NsmError("PERMISSION_DENIED", "nobody knows this process")
      },
      onChange: (listener) => attestor.told.add(listener),
    }
    joined = { bundles: new Map(), told: new Listeners() }
  })
  afterEach(() => cleanup.disposeAsync())

  const served = async (): Promise<AsyncDisposable> => {
    const keep = async (issuers: readonly Issuer[]): Promise<void> => void (kept = issuers)
    authority = await createAuthority({ trustDomain: "nsm.test", clock, issuers: kept, keep })
    const domains = {
      get bundles() {
        return joined.bundles
      },
      onChange: (listener: () => void) => joined.told.add(listener),
    }
    const served = workloads({ authority, attestor, joined: domains, clock })
    const service = bind(spiffeHeader(), served)
    const transport = grpcTransport({ name: "authority" })
    url = (await transport.listen(url, [expose(workloadWire, service)])).url
    return cleanup.use({
      async [Symbol.asyncDispose]() {
        authority[Symbol.dispose]()
        await transport[Symbol.asyncDispose]()
      },
    })
  }

  /** A client, and the warnings that it logs, which can be waited for. */
  const followed = (): { source: WorkloadIdentity; warned: () => Promise<NsmError> } => {
    let warning = Promise.withResolvers<NsmError>()
    const warn = (_: string, { error }: { error?: NsmError } = {}): void => {
      if (error) warning.resolve(error)
    }
    const source = cleanup.use(workloadApi({ url, clock, log: { ...silentLog, warn } }))
    return {
      source,
      async warned() {
        const error = await warning.promise
        warning = Promise.withResolvers()
        return error
      },
    }
  }

  const signal = new AbortController().signal

  it("gives the identity that the authority issues, and the roots to believe", async () => {
    using other = await createAuthority({ trustDomain: "other.test" })
    joined.bundles.set("other.test", other.bundle)
    await served()
    const { source } = followed()
    const { svid, bundles } = await source.first(signal)
    assert.equal(svid.id, id)
    assert.ok(svid.certificates[0].checkPrivateKey(svid.privateKey))
    assert.equal(svid.expiresAt, clock.now() + hour)
    assert.deepEqual(prints(bundles.get("nsm.test")), prints(authority.bundle))
    assert.deepEqual(prints(bundles.get("other.test")), prints(other.bundle))
    assert.equal(source.current.svid, svid)
    assert.equal(source.failure, undefined)
  })

  it("speaks over TCP, too, where an agent such as SPIRE's serves so", async () => {
    url = "tcp://127.0.0.1:0"
    await served()
    assert.equal((await followed().source.first(signal)).svid.id, id)
  })

  it("gives different processes different identities", async () => {
    await served()
    const one = await followed().source.first(signal)
    attestor.known = "spiffe://nsm.test/nse"
    const other = await followed().source.first(signal)
    assert.equal(one.svid.id, id)
    assert.equal(other.svid.id, "spiffe://nsm.test/nse")
  })

  it("follows the renewal at half of the life", async () => {
    await served()
    const { source } = followed()
    const { svid } = await source.first(signal)
    const renewed = change(source)
    await clock.advance(hour / 2)
    const { svid: next } = await renewed
    assert.equal(next.id, id)
    assert.equal(next.expiresAt, svid.expiresAt + hour / 2)
    assert.equal(source.current.svid, next)
  })

  it("follows the roots without a new certificate", async () => {
    await served()
    const { source } = followed()
    const { svid } = await source.first(signal)
    using other = await createAuthority({ trustDomain: "other.test" })
    const changed = change(source)
    joined.bundles.set("other.test", other.bundle)
    joined.told.tell()
    const { svid: same, bundles } = await changed
    assert.equal(same.certificates[0].serialNumber, svid.certificates[0].serialNumber)
    assert.deepEqual(prints(bundles.get("other.test")), prints(other.bundle))
  })

  it("becomes another when the authority says so", async () => {
    await served()
    const { source } = followed()
    await source.first(signal)
    const changed = change(source)
    attestor.known = "spiffe://nsm.test/promoted"
    attestor.told.tell()
    assert.equal((await changed).svid.id, "spiffe://nsm.test/promoted")
  })

  it("says why there is none, keeps asking, and says it once", async () => {
    await served()
    attestor.known = undefined
    const { source, warned } = followed()
    const error = await warned()
    assert.equal(error.code, "PERMISSION_DENIED")
    assert.match(error.message, /nobody knows this process/)
    assert.throws(
      () => source.current,
      (thrown) => thrown instanceof NsmError && thrown.reason === "IDENTITY_MISSING",
    )
    attestor.known = id
    const first = source.first(signal)
    await clock.advance(100)
    assert.equal((await first).svid.id, id)
  })

  it("is there when the authority starts later", async () => {
    const { source, warned } = followed()
    assert.equal((await warned()).reason, "PEER_UNREACHABLE")
    await served()
    const first = source.first(signal)
    await clock.advance(100)
    await first
  })

  it("keeps its identity while the authority is away, until that expires", async () => {
    const server = await served()
    const { source, warned } = followed()
    const { svid } = await source.first(signal)
    await server[Symbol.asyncDispose]()
    await warned()
    assert.equal(source.current.svid, svid)
    assert.ok(source.failure)
    await clock.advance(hour)
    assert.throws(() => source.current, /has expired/)
  })

  it("goes on below the same root when the authority was started anew", async () => {
    const server = await served()
    const { source, warned } = followed()
    const { bundles } = await source.first(signal)
    const root = prints(bundles.get("nsm.test"))
    await server[Symbol.asyncDispose]()
    await warned()
    const changed = change(source)
    await served()
    await clock.advance(100)
    assert.deepEqual(prints((await changed).bundles.get("nsm.test")), root)
    assert.equal(source.failure, undefined)
  })

  it("gives up waiting for the first one when told to", async () => {
    const { source } = followed()
    const reason = new Error("enough")
    await assert.rejects(source.first(AbortSignal.abort(reason)), reason)
  })

  describe("without the header", () => {
    const calling = <T>(headers: Map<string, string>, run: (call: Call) => Promise<T>) =>
      withCall({ clock: systemClock, log: silentLog, timeoutMs: 5000 }, (call) =>
        run(call.with(sentMetadata, headers)),
      )

    for (const headers of [
      new Map<string, string>(),
      new Map<string, string>([[Header.spiffeWorkload, "false"]]),
    ]) {
      it(`${JSON.stringify([...headers])} is refused`, async () => {
        await served()
        const transport = cleanup.use(grpcTransport({ name: "other" }))
        const service = transport.client(url, workloadWire)
        const isRefusal = (thrown: unknown): boolean =>
          thrown instanceof NsmError &&
          thrown.code === "INVALID_ARGUMENT" &&
          thrown.message.includes("workload.spiffe.io: true")
        await assert.rejects(
          calling(headers, (call) =>
            firstOf(service.fetchX509SVID(create(X509SvidRequestSchema), call)),
          ),
          isRefusal,
        )
        await assert.rejects(
          calling(headers, (call) =>
            firstOf(service.fetchX509Bundles(create(X509BundlesRequestSchema), call)),
          ),
          isRefusal,
        )
      })
    }

    it("but with it, the roots are told alone, too", async () => {
      await served()
      const transport = cleanup.use(grpcTransport({ name: "other" }))
      const service = transport.client(url, workloadWire)
      const { bundles } = await calling(new Map([[Header.spiffeWorkload, "true"]]), (call) =>
        firstOf(service.fetchX509Bundles(create(X509BundlesRequestSchema), call)),
      )
      assert.deepEqual(bundles, { "spiffe://nsm.test": authority.bundle[0]?.raw })
    })
  })
})

/** The next identity that a source gives. */
async function change(source: IdentitySource): Promise<Identity> {
  const next = Promise.withResolvers<Identity>()
  using _listening = source.onChange(next.resolve)
  return await next.promise
}

function prints(certificates: readonly X509Certificate[] = []): readonly string[] {
  assert.ok(certificates.length > 0)
  return certificates.map(({ fingerprint256 }) => fingerprint256)
}

async function firstOf<T>(answers: AsyncIterable<T>): Promise<T> {
  for await (const answer of answers) return answer
  throw new Error("no answer")
}
