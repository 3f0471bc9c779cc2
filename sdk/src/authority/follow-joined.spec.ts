import assert from "node:assert/strict"
import { mkdir, rm, writeFile } from "node:fs/promises"
import { silentLog } from "../core/log.ts"
import { FakeClock } from "../testing/fake-clock.ts"
import { fixedIdentity } from "../testing/fixed-identity.ts"
import { temporaryFolder, type TemporaryFolder } from "../testing/temporary-folder.ts"
import { type Authority, createAuthority } from "./authority.ts"
import { bundleDocument, bundlePem, readBundle } from "./bundle-document.ts"
import { followJoined } from "./follow-joined.ts"
import type { JoinedDomains } from "./workloads.ts"

describe("followJoined", () => {
  let folder: TemporaryFolder
  let directory: string
  let clock: FakeClock
  let warnings: string[]
  let cleanup: AsyncDisposableStack
  let other: Authority

  beforeEach(async () => {
    cleanup = new AsyncDisposableStack()
    folder = cleanup.use(await temporaryFolder())
    directory = `${folder.path}/trust.d`
    clock = new FakeClock()
    warnings = []
    other = cleanup.use(await createAuthority({ trustDomain: "other.test", clock }))
  })
  afterEach(() => cleanup.disposeAsync())

  const followed = async (): Promise<JoinedDomains> => {
    const log = {
      ...silentLog,
      warn: (_: string, fields?: object) => void warnings.push(JSON.stringify(fields)),
    }
    return cleanup.use(await followJoined({ directory, trustDomain: "nsm.test", clock, log }))
  }
  const put = async (file: string, text: string): Promise<void> => {
    await mkdir(directory, { recursive: true })
    await writeFile(`${directory}/${file}`, text)
  }
  /** Has time pass until the bundles change. */
  const changed = async (joined: JoinedDomains): Promise<void> => {
    const change = Promise.withResolvers<void>()
    using _listening = joined.onChange(change.resolve)
    await clock.advance(1000)
    await change.promise
  }
  const prints = (joined: JoinedDomains, domain: string): readonly string[] | undefined =>
    joined.bundles.get(domain)?.map(({ fingerprint256 }) => fingerprint256)
  const own = (): readonly string[] => other.bundle.map(({ fingerprint256 }) => fingerprint256)

  it("joins nobody where there is no folder", async () => {
    const joined = await followed()
    assert.equal(joined.bundles.size, 0)
    assert.deepEqual(warnings, [])
  })

  it("reads PEM and SPIFFE's format, and follows what comes and goes", async () => {
    await put("other.test.pem", bundlePem(other.bundle))
    const joined = await followed()
    assert.deepEqual(prints(joined, "other.test"), own())
    await put("third.test.json", JSON.stringify(bundleDocument(other.bundle)))
    await changed(joined)
    assert.deepEqual(prints(joined, "third.test"), own())
    assert.deepEqual(prints(joined, "other.test"), own())
    await rm(`${directory}/other.test.pem`)
    await changed(joined)
    assert.deepEqual([...joined.bundles.keys()], ["third.test"])
    assert.deepEqual(warnings, [])
  })

  it("keeps the roots from before when a file cannot be read, and says so once", async () => {
    await put("other.test.pem", bundlePem(other.bundle))
    const joined = await followed()
    await put("other.test.pem", "nonsense")
    await changed(joined)
    assert.deepEqual(prints(joined, "other.test"), own())
    await put("another.test.pem", bundlePem(other.bundle))
    await changed(joined)
    assert.deepEqual(prints(joined, "other.test"), own())
    assert.equal(warnings.length, 1)
    assert.match(warnings[0] ?? "", /other\.test\.pem/)
  })

  it("takes no roots for the own trust domain, and none without a trust domain", async () => {
    await put("nsm.test.pem", bundlePem(other.bundle))
    await put("Other.pem", bundlePem(other.bundle))
    const joined = await followed()
    assert.equal(joined.bundles.size, 0)
    assert.equal(warnings.length, 2)
  })

  it("passes over other files", async () => {
    await put("README", "text")
    await put(".other.test.pem", bundlePem(other.bundle))
    assert.equal((await followed()).bundles.size, 0)
    assert.deepEqual(warnings, [])
  })
})

describe("readBundle", () => {
  it("gives back what was written", async () => {
    const { authority } = await fixedIdentity({ id: "spiffe://nsm.test/a" })
    const texts = [bundlePem(authority.bundle), JSON.stringify(bundleDocument(authority.bundle))]
    for (const text of texts) {
      const [root] = readBundle(text, "it")
      assert.equal(root?.fingerprint256, authority.bundle[0]?.fingerprint256)
    }
  })

  it("refuses what is no bundle", async () => {
    const { current } = await fixedIdentity({ id: "spiffe://nsm.test/a" })
    const wrong: [text: string, why: RegExp][] = [
      ["", /it has no root/],
      ["{", /it is no JSON/],
      ["{}", /it has no list "keys"/],
      ['{"keys":[{"use":"jwt-svid"}]}', /it has no root/],
      ['{"keys":[{"use":"x509-svid"}]}', /certificate of it cannot be read/],
      ["-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", /cannot be read/],
      [bundlePem(current.svid.certificates), /may not sign others/],
    ]
    for (const [text, why] of wrong) assert.throws(() => readBundle(text, "it"), why)
  })
})
