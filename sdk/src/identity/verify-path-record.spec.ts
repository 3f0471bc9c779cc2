import assert from "node:assert/strict"
import { type Authority, createAuthority } from "../authority/authority.ts"
import { FakeClock } from "../testing/fake-clock.ts"
import { type FixedIdentity, fixedIdentity } from "../testing/fixed-identity.ts"
import type { TrustBundles } from "./identity.ts"
import { parsePathRecord, type PathRecord, type RecordedHop } from "./path-record.ts"
import { formatPem } from "./pem.ts"
import { signedTokens } from "./signed-tokens.ts"
import { verifyPathRecord } from "./verify-path-record.ts"

const clock = new FakeClock()
const names = ["nsc", "nsmgr", "forwarder", "nse"]
const idOf = (name: string): string =>
  `spiffe://${name === "nse" ? "other.local" : "nsm.local"}/${name}`

describe("verifyPathRecord", () => {
  let bundles: TrustBundles
  let authority: Authority
  let identities: FixedIdentity[]
  let record: PathRecord

  const tokenOf = (identity: FixedIdentity, audience: string, lifetimeMs = 600_000): string =>
    signedTokens({ source: identity, clock, lifetimeMs }).token({ address: "", id: audience }).token
  const certificatesOf = ({ current }: FixedIdentity): string =>
    formatPem(current.svid.certificates)
  const identityOf = (at: number): FixedIdentity => identities[at] ?? assert.fail()
  /** The record with something else in one hop. */
  const withHop = (at: number, change: Partial<RecordedHop>): PathRecord => ({
    ...record,
    hops: record.hops.map((hop, index) => (index === at ? { ...hop, ...change } : hop)),
  })
  const problems = (changed: PathRecord, known = bundles): (readonly string[])[] =>
    verifyPathRecord(changed, known).map((verdict) => verdict.problems)

  before(async () => {
    authority = await createAuthority({ trustDomain: "nsm.local", clock })
    const other = await createAuthority({ trustDomain: "other.local", clock })
    for (const each of [authority, other]) each[Symbol.dispose]()
    bundles = new Map([authority, other].map((each) => [each.trustDomain, each.bundle]))
    identities = await Promise.all(
      names.map((name) =>
        fixedIdentity({ id: idOf(name), clock, authority: name === "nse" ? other : authority }),
      ),
    )
    record = {
      version: 1,
      takenAt: new Date(clock.now()).toISOString(),
      connection: { id: "nsc-0", networkService: "icmp" },
      trustDomains: ["nsm.local", "other.local"],
      hops: names.map((name, at) => ({
        name,
        id: `${name}-0`,
        token: tokenOf(identityOf(at), idOf(names[at + 1] ?? names[at - 1] ?? "")),
        certificates: certificatesOf(identityOf(at)),
      })),
    }
  })

  it("proves each hop of a path, over the border of trust domains too", () => {
    const read = parsePathRecord(JSON.stringify(record))
    assert.deepEqual(
      verifyPathRecord(read, bundles),
      names.map((name) => ({
        name,
        id: idOf(name),
        expiresAt: clock.now() + 600_000,
        problems: [],
      })),
    )
  })

  it("proves it as of the time when it was taken, however late that is", () => {
    const later = { ...record, takenAt: new Date(clock.now() + 600_000).toISOString() }
    const ended = `its token had ended at ${later.takenAt}`
    assert.deepEqual(problems(later), [[ended], [ended], [ended], [ended]])
    const gone = { ...record, takenAt: new Date(clock.now() + 3_600_000).toISOString() }
    assert.match(problems(gone)[0]?.[1] ?? "", /expired at/)
  })

  it("does not prove a hop whose trust domain's roots are not given", () => {
    const known = new Map([["nsm.local", authority.bundle]])
    const [nsc, nsmgr, forwarder, nse = []] = problems(record, known)
    assert.deepEqual([nsc, nsmgr, forwarder], [[], [], []])
    assert.deepEqual(nse, ["the roots of other.local were not given"])
  })

  const nobody = "spiffe://nsm.local/nobody"
  const cases: readonly (readonly [
    what: string,
    change: () => Partial<RecordedHop> | Promise<Partial<RecordedHop>>,
    why: RegExp,
  ])[] = [
    [
      "that somebody else signed",
      async () => {
        const thief = await fixedIdentity({ id: idOf("nsmgr"), clock, authority })
        return { token: tokenOf(thief, idOf("forwarder")) }
      },
      /not signed with the key/,
    ],
    [
      "whose certificate is another's",
      () => ({ certificates: certificatesOf(identityOf(2)) }),
      /names spiffe:\/\/nsm\.local\/nsmgr, but its certificate .*forwarder/,
    ],
    [
      "whose certificate comes from elsewhere",
      async () => {
        const self = await fixedIdentity({ id: idOf("nsmgr"), clock })
        return { token: tokenOf(self, idOf("forwarder")), certificates: certificatesOf(self) }
      },
      /does not lead to any/,
    ],
    [
      "whose certificate is missing",
      () => ({ certificates: "", missing: "nobody knows it here" }),
      /not in the record: nobody knows it here/,
    ],
    [
      "whose certificate is none",
      () => ({ certificates: "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----" }),
      /no certificate in PEM/,
    ],
    ["whose token is none", () => ({ token: "a.b.c" }), /header/],
    ["whose token is missing", () => ({ token: "" }), /empty/],
    [
      "whose token is for another hop",
      () => ({ token: tokenOf(identityOf(1), nobody) }),
      /is for .*nobody, not for .*forwarder/,
    ],
    [
      "whose token is for nobody",
      () => ({ token: signedTokens({ source: identityOf(1), clock }).token(undefined).token }),
      /names no list/,
    ],
    [
      "whose token had ended",
      () => ({ token: tokenOf(identityOf(1), idOf("forwarder"), -1000) }),
      /had ended at/,
    ],
  ]
  for (const [what, change, why] of cases) {
    it(`does not prove a hop ${what}, and says so at that hop alone`, async () => {
      const [nsc, nsmgr = [], ...others] = problems(withHop(1, await change()))
      assert.deepEqual([nsc, ...others], [[], [], []])
      assert.equal(nsmgr.length, 1, nsmgr.join("\n"))
      assert.match(nsmgr[0] ?? "", why)
    })
  }

  it("does not prove a path in which the hops were put in another order, or one was left out", () => {
    const [nsc, nsmgr, forwarder, nse] = record.hops
    assert.ok(nsc && nsmgr && forwarder && nse)
    const without = problems({ ...record, hops: [nsc, forwarder, nse] })
    assert.match(without[0]?.[0] ?? "", /is for .*nsmgr, not for .*forwarder/)
    const turned = problems({ ...record, hops: [nsc, forwarder, nsmgr, nse] })
    assert.ok(turned[0]?.length === 1 && turned[1]?.length === 1)
  })
})
