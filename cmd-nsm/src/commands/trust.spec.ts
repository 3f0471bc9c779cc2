import assert from "node:assert/strict"
import { readdir, readFile, stat, writeFile } from "node:fs/promises"
import { NsmError } from "@nsm/sdk"
import { createAuthority, openState, readBundle, readIntermediate } from "@nsm/sdk/authority"
import { temporaryFolder, type TemporaryFolder } from "@nsm/sdk/testing"
import {
  exportBundle,
  joinDomain,
  leaveDomain,
  requestCertificate,
  showBundles,
  signRequest,
} from "./trust.ts"

describe("nsm trust", () => {
  let folder: TemporaryFolder
  let own: string
  let other: string

  beforeEach(async () => {
    folder = await temporaryFolder()
    own = await authorityOf("own.test")
    other = await authorityOf("other.test")
  })
  afterEach(() => folder[Symbol.asyncDispose]())

  /** A folder in which an authority has kept its keys. */
  const authorityOf = async (trustDomain: string, name = trustDomain): Promise<string> => {
    const directory = `${folder.path}/${name}`
    const state = await openState({ directory, trustDomain })
    using _authority = await createAuthority({ trustDomain, ...state })
    return directory
  }
  const exported = async (from: string, as: "pem" | "spiffe" = "pem"): Promise<string> => {
    const file = `${folder.path}/bundle`
    await writeFile(file, await exportBundle(from, as))
    return file
  }
  const refused = (why: RegExp) => (thrown: unknown) =>
    thrown instanceof NsmError && thrown.code === "INVALID_ARGUMENT" && why.test(thrown.message)

  it("exports the own roots in both formats, and no key", async () => {
    const pem = await exportBundle(own, "pem")
    const spiffe = await exportBundle(own, "spiffe")
    const [root] = readBundle(pem, "pem")
    assert.equal(root?.subjectAltName, "URI:spiffe://own.test")
    assert.equal(readBundle(spiffe, "spiffe")[0]?.fingerprint256, root?.fingerprint256)
    assert.doesNotMatch(pem + spiffe, /PRIVATE|"d":/)
  })

  for (const as of ["pem", "spiffe"] as const) {
    it(`joins by what the other side exported as ${as}, and leaves again`, async () => {
      assert.match(
        await joinDomain(own, { file: await exported(other, as) }),
        /own\.test believes other\.test now, by 1 root\./,
      )
      assert.deepEqual(await readdir(`${own}/trust.d`), ["other.test.pem"])
      const [root] = readBundle(await readFile(`${own}/trust.d/other.test.pem`, "utf8"), "it")
      assert.equal(root?.subjectAltName, "URI:spiffe://other.test")
      const shown = JSON.parse(await showBundles(own, "json")) as {
        roots: { trustDomain: string; own: boolean; fingerprint: string }[]
      }
      assert.deepEqual(
        shown.roots.map(({ trustDomain, own: isOwn }) => [trustDomain, isOwn]),
        [
          ["own.test", true],
          ["other.test", false],
        ],
      )
      assert.equal(shown.roots[1]?.fingerprint, root?.fingerprint256)
      assert.match(await showBundles(own, "table"), /^other\.test +joined +\w\w:/m)
      await leaveDomain(own, "other.test")
      assert.deepEqual(await readdir(`${own}/trust.d`), [])
      await assert.rejects(leaveDomain(own, "other.test"), refused(/other\.test is not joined/))
    })
  }

  it("joins under a name that is given, for roots that say none", async () => {
    await joinDomain(own, { file: await exported(other), domain: "named.test" })
    assert.deepEqual(await readdir(`${own}/trust.d`), ["named.test.pem"])
    await assert.rejects(
      joinDomain(own, { file: await exported(other), domain: "../out" }),
      refused(/"\.\.\/out" is no trust domain/),
    )
  })

  it("does not join with itself, nor with what is no bundle", async () => {
    await assert.rejects(
      joinDomain(own, { file: await exported(own) }),
      refused(/is of own\.test itself/),
    )
    await writeFile(`${folder.path}/wrong`, "nonsense")
    await assert.rejects(joinDomain(own, { file: `${folder.path}/wrong` }), refused(/has no root/))
    await assert.rejects(
      joinDomain(own, { file: `${folder.path}/missing` }),
      refused(/missing cannot be read/),
    )
  })

  it("asks the shared root of another machine, which signs", async () => {
    const second = await authorityOf("own.test", "second")
    const file = `${folder.path}/request.pem`
    await writeFile(file, await requestCertificate(second, {}))
    const before = await readFile(`${own}/authority.json`, "utf8")
    const pem = await signRequest(own, { file, lifetimeMs: 3_600_000 })
    const options = { directory: second, trustDomain: "own.test" }
    const { root } = await readIntermediate(pem, options)
    const [shared] = readBundle(await exportBundle(own, "pem"), "it")
    assert.equal(root.fingerprint256, shared?.fingerprint256)
    assert.equal(await readFile(`${own}/authority.json`, "utf8"), before)
  })

  it("asks for an authority that has never been started, when the trust domain is named", async () => {
    const fresh = `${folder.path}/fresh`
    await assert.rejects(requestCertificate(fresh, {}), refused(/no authority keeps its keys in/))
    assert.match(await requestCertificate(fresh, { domain: "own.test" }), /CERTIFICATE REQUEST/)
    assert.equal((await stat(fresh)).mode & 0o777, 0o700)
  })

  it("signs nothing of another trust domain", async () => {
    const file = `${folder.path}/request.pem`
    await writeFile(file, await requestCertificate(other, {}))
    await assert.rejects(
      signRequest(own, { file, lifetimeMs: 3_600_000 }),
      refused(/for spiffe:\/\/other\.test, but only spiffe:\/\/own\.test/),
    )
  })
})
