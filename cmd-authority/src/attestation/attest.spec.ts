import assert from "node:assert/strict"
import { type Credentials, Listeners, NsmError } from "@nsm/sdk"
import { testCall } from "@nsm/sdk/testing"
import type { Entry } from "../entries/entry.ts"
import { attest } from "./attest.ts"
import { inodeOf, type ProcessFacts, processFacts } from "./process-facts.ts"

const self: Credentials = {
  pid: process.pid,
  uid: process.getuid?.() ?? -1,
  gid: process.getgid?.() ?? -1,
}

describe("attest", () => {
  const attestor = (entries: readonly Entry[], facts?: Partial<ProcessFacts>) =>
    attest({
      trustDomain: "nsm.test",
      entries: { current: entries, onChange: (listener) => new Listeners().add(listener) },
      ...(facts && { factsOf: async (credentials) => ({ ...credentials, name: "n", ...facts }) }),
    })
  const idOf = async (
    entries: readonly Entry[],
    facts?: Partial<ProcessFacts>,
    credentials = self,
  ): Promise<string> =>
    attestor(entries, facts).idOf(testCall({ peer: { address: "unix:", credentials } }))

  const entry = (selectors: Entry["selectors"]): Entry => ({ id: "spiffe://nsm.test/x", selectors })
  const otherwise = `spiffe://nsm.test/uid/${self.uid}/n`

  it("takes the first entry that fits", async () => {
    const entries = [
      { id: "spiffe://nsm.test/other", selectors: { uid: self.uid + 1 } },
      { id: "spiffe://nsm.test/first", selectors: { uid: self.uid } },
      { id: "spiffe://nsm.test/second", selectors: { uid: self.uid } },
    ]
    assert.equal(await idOf(entries), "spiffe://nsm.test/first")
  })

  it("compares what /proc tells of a process that is there", async () => {
    for (const selectors of [
      { uid: self.uid },
      { gid: self.gid },
      { pid: self.pid },
      { exe: process.execPath },
      { netns: "/proc/self/ns/net" },
      { ...self, exe: process.execPath, netns: "/proc/self/ns/net" },
    ]) {
      assert.equal(await idOf([entry(selectors)]), "spiffe://nsm.test/x", JSON.stringify(selectors))
    }
  })

  it("wants every selector of an entry to fit", async () => {
    const netns = await inodeOf("/proc/self/ns/net")
    assert.ok(netns)
    const facts = { exe: "/bin/a", netns: { ...netns, ino: netns.ino + 1 } }
    for (const selectors of [
      { uid: self.uid, gid: self.gid + 1 },
      { uid: self.uid, pid: self.pid + 1 },
      { uid: self.uid, exe: "/bin/b" },
      { uid: self.uid, netns: "/proc/self/ns/net" },
      { uid: self.uid, netns: "/run/netns/that-is-not-there" },
    ]) {
      assert.equal(await idOf([entry(selectors)], facts), otherwise, JSON.stringify(selectors))
    }
  })

  it("fits nothing to what may not be looked at", async () => {
    assert.equal(await idOf([entry({ exe: process.execPath })], {}), otherwise)
    assert.equal(await idOf([entry({ netns: "/proc/self/ns/net" })], {}), otherwise)
  })

  it("takes the user and the name where no entry fits, in the letters of an id", async () => {
    const names: [name: string, segment: string][] = [
      ["nsc-0", "nsc-0"],
      ["my nsc/é", "my_nsc__"],
      ["", "unnamed"],
      [".", "unnamed"],
      ["..", "unnamed"],
      ["...", "..."],
    ]
    for (const [name, segment] of names) {
      assert.equal(await idOf([], { name }), `spiffe://nsm.test/uid/${self.uid}/${segment}`)
    }
  })

  it("stays with what a process was when its connection called first", async () => {
    let exe = "/bin/a"
    const same = attestor([entry({ exe: "/bin/a" })], {
      get exe() {
        return exe
      },
    })
    const call = testCall({ peer: { address: "unix:", credentials: self } })
    assert.equal(await same.idOf(call), "spiffe://nsm.test/x")
    exe = "/bin/b"
    assert.equal(await same.idOf(call), "spiffe://nsm.test/x")
    const another = testCall({ peer: { address: "unix:", credentials: { ...self } } })
    assert.equal(await same.idOf(another), otherwise)
  })

  it("refuses who no kernel vouches for", async () => {
    await assert.rejects(
      async () => attestor([]).idOf(testCall({ peer: { address: "192.0.2.1:1" } })),
      (thrown) =>
        thrown instanceof NsmError &&
        thrown.code === "PERMISSION_DENIED" &&
        thrown.message.includes("192.0.2.1:1"),
    )
  })
})

describe("processFacts", () => {
  const isRefusal =
    (why: RegExp) =>
    (thrown: unknown): boolean =>
      thrown instanceof NsmError && thrown.code === "PERMISSION_DENIED" && why.test(thrown.message)

  it("refuses a process that has gone, or cannot be seen", async () => {
    await assert.rejects(processFacts({ ...self, pid: 2 ** 30 }), isRefusal(/it has gone/))
    await assert.rejects(processFacts({ ...self, pid: 0 }), isRefusal(/PID namespace/))
  })

  it("names a process by its program where it has no NSM_NAME", async () => {
    const { name } = await processFacts(self)
    assert.equal(name, process.env["NSM_NAME"] ?? "node")
  })
})
