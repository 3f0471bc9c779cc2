import assert from "node:assert/strict"
import type { X509Certificate } from "node:crypto"
import {
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  ReadCertificate,
} from "./x509.ts"
import { NsmError } from "../core/errors.ts"
import { silentLog } from "../core/log.ts"
import { FakeClock } from "../testing/fake-clock.ts"
import { type Authority, type AuthorityOptions, createAuthority } from "./authority.ts"
import type { Issuer } from "./issuer.ts"

const hour = 3_600_000
const start = Date.UTC(2026, 0, 1)
const trustDomain = "nsm.test"
const id = "spiffe://nsm.test/nsc"

describe("createAuthority", () => {
  let clock: FakeClock
  let cleanup: DisposableStack

  beforeEach(() => {
    clock = new FakeClock(start)
    cleanup = new DisposableStack()
  })
  afterEach(() => cleanup.dispose())

  const authority = async (options: Partial<AuthorityOptions> = {}): Promise<Authority> =>
    cleanup.use(await createAuthority({ trustDomain, clock, ...options }))

  it("issues an X.509-SVID of the standard's profile", async () => {
    const issuing = await authority()
    const { id: given, certificates, privateKey, expiresAt } = await issuing.issue(id)
    const [leaf, ...above] = certificates
    const [root] = issuing.bundle
    assert.ok(root)
    assert.equal(given, id)
    assert.deepEqual(above, [])
    assert.equal(leaf.subjectAltName, `URI:${id}`)
    assert.deepEqual(leaf.keyUsage, ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"])
    assert.equal(keyUsages(leaf), KeyUsageFlags.digitalSignature)
    assert.equal(constraints(leaf)?.ca, false)
    assert.equal(constraints(leaf)?.critical, true)
    assert.ok(leaf.checkIssued(root))
    assert.ok(leaf.verify(root.publicKey))
    assert.ok(leaf.checkPrivateKey(privateKey))
    assert.equal(privateKey.asymmetricKeyDetails?.namedCurve, "prime256v1")
    assert.equal(expiresAt, start + hour)
    assert.equal(leaf.validToDate.getTime(), expiresAt)
    assert.ok(leaf.validFromDate.getTime() < start)
  })

  it("has a root that may sign certificates and names the trust domain", async () => {
    const [root] = (await authority()).bundle
    assert.ok(root)
    assert.ok(root.ca)
    assert.equal(root.subjectAltName, "URI:spiffe://nsm.test")
    assert.equal(keyUsages(root), KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign)
    assert.ok(root.verify(root.publicKey))
  })

  it("gives every certificate its own key and number", async () => {
    const issuing = await authority()
    const [one, other] = await Promise.all([issuing.issue(id), issuing.issue(id)])
    assert.notEqual(one.certificates[0].serialNumber, other.certificates[0].serialNumber)
    assert.notDeepEqual(spki(one.certificates[0]), spki(other.certificates[0]))
  })

  it("issues nothing for other trust domains", async () => {
    const issuing = await authority()
    await assert.rejects(issuing.issue("spiffe://other.test/nsc"), /other\.test.*nsm\.test/)
  })

  it("refuses a trust domain that cannot be one", async () => {
    await assert.rejects(
      authority({ trustDomain: "Nsm" }),
      (thrown) => thrown instanceof NsmError && thrown.reason === "INVALID_CONFIGURATION",
    )
  })

  it("publishes the next root before it signs, and the last one until it ends", async () => {
    const issuing = await authority({ rootLifetimeMs: 60 * hour })
    const [first] = issuing.bundle
    await clock.advance(29 * hour)
    assert.deepEqual(issuing.bundle, [first])
    await changed(issuing, () => clock.advance(hour))
    const [, second] = issuing.bundle
    assert.ok(second)
    assert.equal((await issuing.issue(id)).certificates[0].checkIssued(second), false)
    assert.equal(issuing.issuer.root, first)
    await clock.advance(10 * hour)
    assert.equal(issuing.issuer.root, second)
    assert.deepEqual(issuing.bundle, [first, second])
    await changed(issuing, () => clock.advance(20 * hour))
    assert.equal(issuing.bundle[0], second)
    assert.equal(issuing.bundle.length, 2, "the third one is there by then")
  })

  it("keeps each root before it is used, and goes on with what was kept", async () => {
    let kept: readonly Issuer[] = []
    const keep = async (issuers: readonly Issuer[]): Promise<void> => void (kept = issuers)
    const before = await authority({ keep })
    before[Symbol.dispose]()
    const after = await authority({ issuers: kept })
    assert.deepEqual(after.bundle, before.bundle)
    assert.equal(after.issuer, before.issuer)
  })

  it("goes on with the old root while a new one cannot be kept, and tries again", async () => {
    let isFull = false
    const keep = async (): Promise<void> => {
      if (isFull) throw new Error("disk full")
    }
    const failed = Promise.withResolvers<void>()
    const log = { ...silentLog, error: () => failed.resolve() }
    const issuing = await authority({ rootLifetimeMs: 60 * hour, keep, log })
    isFull = true
    await clock.advance(31 * hour)
    await failed.promise
    assert.equal(issuing.bundle.length, 1)
    isFull = false
    await changed(issuing, () => clock.advance(60_000))
    assert.equal(issuing.bundle.length, 2)
  })

  it("makes a new root where all that were kept have ended", async () => {
    const before = await authority({ rootLifetimeMs: hour })
    const issuers = [before.issuer]
    before[Symbol.dispose]()
    await clock.advance(2 * hour)
    const after = await authority({ issuers })
    assert.equal(after.bundle.length, 1)
    assert.notEqual(after.bundle[0], before.bundle[0])
  })
})

/** Resolves when the bundle has changed because of what `cause` does. */
async function changed(issuing: Authority, cause: () => Promise<void>): Promise<void> {
  const change = Promise.withResolvers<void>()
  using _following = issuing.onChange(change.resolve)
  await cause()
  await change.promise
}

function spki(certificate: X509Certificate): Buffer {
  return certificate.publicKey.export({ type: "spki", format: "der" })
}

function keyUsages(certificate: X509Certificate): number | undefined {
  return new ReadCertificate(certificate.raw).getExtension(KeyUsagesExtension)?.usages
}

function constraints(certificate: X509Certificate): BasicConstraintsExtension | null {
  return new ReadCertificate(certificate.raw).getExtension(BasicConstraintsExtension)
}
