import assert from "node:assert/strict"
import { stat, writeFile } from "node:fs/promises"
import { NsmError } from "../core/errors.ts"
import { verifyChain } from "../identity/verify-chain.ts"
import { FakeClock } from "../testing/fake-clock.ts"
import { temporaryFolder, type TemporaryFolder } from "../testing/temporary-folder.ts"
import { type Authority, createAuthority } from "./authority.ts"
import { type Issuer, issueSvid } from "./issuer.ts"
import { readIntermediate, requestIntermediate, signIntermediate } from "./shared-root.ts"

const trustDomain = "nsm.test"
const id = "spiffe://nsm.test/nsc"
const hour = 3_600_000

describe("a shared root", () => {
  let cleanup: AsyncDisposableStack
  let folder: TemporaryFolder
  let directory: string
  let clock: FakeClock
  let root: Authority

  beforeEach(async () => {
    cleanup = new AsyncDisposableStack()
    folder = cleanup.use(await temporaryFolder())
    directory = `${folder.path}/authority`
    clock = new FakeClock()
    root = await created()
  })
  afterEach(() => cleanup.disposeAsync())

  const created = async (issuers: readonly Issuer[] = []): Promise<Authority> =>
    cleanup.use(await createAuthority({ trustDomain, clock, issuers, rootLifetimeMs: 600 * hour }))
  const signed = async (request: string, lifetimeMs = 100 * hour): Promise<string> =>
    signIntermediate({ request, issuer: root.issuer, trustDomain, now: clock.now(), lifetimeMs })
  const intermediate = async (lifetimeMs?: number): Promise<Issuer> => {
    const pem = await signed(await requestIntermediate({ directory, trustDomain }), lifetimeMs)
    return readIntermediate(pem, { directory, trustDomain })
  }

  it("makes identities of several authorities believed by who knows the root", async () => {
    const below = await created()
    await below.adopt(await intermediate())
    const { certificates } = await below.issue(id)
    assert.equal(certificates.length, 2)
    const bundles = new Map([[trustDomain, root.bundle]])
    assert.equal(verifyChain(certificates, { bundles, now: clock.now() }), id)
  })

  it("is believed below it, beside the roots from before until these end", async () => {
    const below = await created()
    const [own] = below.bundle
    await below.adopt(await intermediate(2000 * hour))
    const prints = (): readonly string[] => below.bundle.map(({ fingerprint256 }) => fingerprint256)
    assert.deepEqual(prints(), [own?.fingerprint256, root.bundle[0]?.fingerprint256])
    assert.equal(below.issuer.root.fingerprint256, root.bundle[0]?.fingerprint256)
    assert.equal(below.issuer.certificate.validToDate <= root.issuer.certificate.validToDate, true)
  })

  it("may not be stretched: an authority below it signs no other", async () => {
    const issuer = await intermediate()
    assert.match(issuer.certificate.subject, /intermediate/)
    const request = await requestIntermediate({ directory: `${folder.path}/third`, trustDomain })
    await assert.rejects(
      signIntermediate({ request, issuer, trustDomain, now: clock.now(), lifetimeMs: hour }),
      /below a shared root itself/,
    )
  })

  it("makes no root of its own any more, but says that it needs a new certificate", async () => {
    const below = await created()
    await below.adopt(await intermediate(100 * hour))
    await clock.advance(101 * hour)
    await assert.rejects(
      below.issue(id),
      (thrown) => thrown instanceof NsmError && thrown.reason === "IDENTITY_MISSING",
    )
    await below.adopt(await intermediate())
    assert.equal((await below.issue(id)).id, id)
  })

  it("goes on with the newer certificate, by the same key", async () => {
    const below = await created()
    const first = await intermediate()
    await below.adopt(first)
    await clock.advance(50 * hour)
    const second = await intermediate()
    await below.adopt(second)
    await below.adopt(second)
    assert.equal(below.issuer, second)
    assert.ok(second.privateKey.equals(first.privateKey))
  })

  it("leaves the key with who made the request", async () => {
    const request = await requestIntermediate({ directory, trustDomain })
    assert.match(request, /^-----BEGIN CERTIFICATE REQUEST-----/)
    assert.doesNotMatch(request + (await signed(request)), /PRIVATE/)
    assert.equal((await stat(`${directory}/intermediate.key`)).mode & 0o777, 0o600)
  })

  it("believes no authority of another trust domain that shares the root about this one", async () => {
    const own = await intermediate()
    const bundles = new Map([[trustDomain, root.bundle]])
    const issued = async (issuer: Issuer): Promise<string> => {
      const { certificates } = await issueSvid(issuer, { id, now: clock.now(), lifetimeMs: hour })
      return verifyChain(certificates, { bundles, now: clock.now() })
    }
    assert.equal(await issued(own), id)
    const other = { directory: `${folder.path}/other`, trustDomain: "other.test" }
    const request = await requestIntermediate(other)
    const options = { ...other, issuer: root.issuer, now: clock.now(), lifetimeMs: hour }
    const pem = await signIntermediate({ ...options, request })
    await assert.rejects(issued(await readIntermediate(pem, other)), {
      reason: "PEER_NOT_TRUSTED",
    })
  })

  it("signs no request of another trust domain, and nothing that is no request", async () => {
    const options = { directory, trustDomain: "other.test" }
    const other = await requestIntermediate(options)
    await assert.rejects(signed(other), /for spiffe:\/\/other\.test, but only spiffe:\/\/nsm\.test/)
    await assert.rejects(signed("nonsense"), /no certificate request/)
  })

  it("signs no request that was tampered with", async () => {
    const request = await requestIntermediate({ directory, trustDomain })
    const bytes = Buffer.from(request.replaceAll(/-----.*-----|\s/g, ""), "base64")
    const at = bytes.indexOf("nsm.test")
    bytes.write("abc", at)
    const pem = `-----BEGIN CERTIFICATE REQUEST-----\n${bytes.toString("base64")}\n-----END CERTIFICATE REQUEST-----\n`
    await assert.rejects(signed(pem), /signature is not by the key/)
  })

  it("refuses a certificate without its key, with another's, and of another trust domain", async () => {
    const pem = await signed(await requestIntermediate({ directory, trustDomain }))
    const elsewhere = { directory: `${folder.path}/other`, trustDomain }
    await assert.rejects(readIntermediate(pem, elsewhere), /intermediate\.key is missing/)
    await requestIntermediate(elsewhere)
    await assert.rejects(readIntermediate(pem, elsewhere), /do not belong together/)
    await assert.rejects(
      readIntermediate(pem, { directory, trustDomain: "other.test" }),
      /not for spiffe:\/\/other\.test/,
    )
    await assert.rejects(readIntermediate("", { directory, trustDomain }), /has no certificate/)
    const [leaf = "", rest = ""] = pem.split(/(?<=END CERTIFICATE-----\n)/)
    await assert.rejects(readIntermediate(rest + leaf, { directory, trustDomain }), NsmError)
    await writeFile(`${directory}/intermediate.key`, "nonsense")
    await assert.rejects(readIntermediate(pem, { directory, trustDomain }), /no EC P-256 key/)
  })
})
