import assert from "node:assert/strict"
import { once } from "node:events"
import { readdirSync, readlinkSync } from "node:fs"
import { Links } from "../links/links.ts"
import { requirePrivilege } from "../testing/require-privilege.ts"
import { createNamespace, ownNamespace } from "./create-namespace.ts"
import { NamespaceFinder } from "./namespace-finder.ts"
import { inodeUrl, parseNamespaceUrl } from "./namespace-url.ts"
import { currentNamespacePath } from "./network-namespace.ts"
import { namespaceExists, namespaceOfPid, openNamespace } from "./open-namespace.ts"

describe("a network namespace", () => {
  before(function () {
    requirePrivilege(this)
  })

  it("is made empty, while this thread stays where it was", () => {
    const home = readlinkSync(currentNamespacePath)
    using namespace = createNamespace()
    assert.deepEqual(
      new Links(namespace).list().map(({ name }) => name),
      ["lo"],
    )
    assert.equal(readlinkSync(currentNamespacePath), home)
    assert.notEqual(`net:[${namespace.inode.ino}]`, home)
  })

  it("is entered for one function, and left when that throws", () => {
    const home = readlinkSync(currentNamespacePath)
    using namespace = createNamespace()
    const inside = namespace.run(() => readlinkSync(currentNamespacePath))
    assert.equal(inside, `net:[${namespace.inode.ino}]`)
    assert.throws(
      () =>
        namespace.run(() => {
          throw new Error("from inside")
        }),
      { message: "from inside" },
    )
    assert.equal(readlinkSync(currentNamespacePath), home)
  })

  it("is entered from inside another one", () => {
    using outer = createNamespace()
    using inner = createNamespace()
    const seen = outer.run(() => [
      inner.run(() => readlinkSync(currentNamespacePath)),
      readlinkSync(currentNamespacePath),
    ])
    assert.deepEqual(seen, [`net:[${inner.inode.ino}]`, `net:[${outer.inode.ino}]`])
  })

  it("is where a process is born that is spawned in it", async () => {
    using namespace = createNamespace()
    const child = namespace.spawn("sleep", ["60"])
    try {
      using found = namespaceOfPid(child.pid ?? 0)
      assert.deepEqual(found.inode, namespace.inode)
    } finally {
      child.kill("SIGKILL")
      await once(child, "exit")
    }
  })

  it("is found by its URL, by its inode, and no longer when it has gone", async () => {
    const namespace = createNamespace()
    const finder = new NamespaceFinder()
    const { inode, url } = namespace
    const byInode = inodeUrl(inode)
    const child = namespace.spawn("sleep", ["60"])
    for (const found of [openNamespace(url), openNamespace(byInode, { finder })]) {
      using _ = found
      assert.deepEqual(found.inode, inode)
    }
    namespace[Symbol.dispose]()
    assert.throws(() => openNamespace(url), { reason: "NAMESPACE_NOT_FOUND" })
    // Where it was found is gone, but the workload is not.
    assert.equal(namespaceExists(url, inode), true)
    assert.equal(namespaceExists(byInode, inode, { finder }), true)
    child.kill("SIGKILL")
    await once(child, "exit")
    assert.equal(namespaceExists(url, inode), false)
    assert.equal(namespaceExists(byInode, inode, { finder }), false)
    assert.throws(() => openNamespace(byInode, { finder }), { reason: "NAMESPACE_NOT_FOUND" })
  })

  it("is not taken for another one that is at its place", () => {
    using one = createNamespace()
    using other = createNamespace()
    assert.equal(namespaceExists(one.url, one.inode), true)
    assert.equal(namespaceExists(one.url, other.inode), false)
  })

  it("leaves no descriptor behind", () => {
    // The first that is entered leaves the way back open.
    using first = createNamespace()
    first.run(() => undefined)
    const before = readdirSync("/proc/self/fd").length
    for (let round = 0; round < 20; round++) {
      using namespace = createNamespace()
      using again = openNamespace(namespace.url)
      new Links(again).list()
    }
    assert.equal(readdirSync("/proc/self/fd").length, before)
  })

  it("is not entered once its handle is closed", () => {
    const namespace = createNamespace()
    namespace[Symbol.dispose]()
    namespace[Symbol.dispose]()
    assert.throws(() => namespace.run(() => 1), { reason: "INTERNAL" })
  })
})

describe("openNamespace", () => {
  for (const [url, message] of [
    ["file:///proc/self/ns/nope", /open namespace file:\/\/\/proc\/self\/ns\/nope: ENOENT/],
    [
      "file:///proc/self/ns/mnt",
      /open namespace file:\/\/\/proc\/self\/ns\/mnt: no network namesp/,
    ],
    ["file:///etc/hostname", /open namespace file:\/\/\/etc\/hostname: no network namespace/],
    ["inode://4/1", /open namespace inode:\/\/4\/1: no process/],
  ] as const) {
    it(`says that there is none at ${url}`, () => {
      assert.throws(() => openNamespace(url), { reason: "NAMESPACE_NOT_FOUND", message })
    })
  }

  for (const url of ["", "x", "file://host/path", "inode://4", "inode://a/b", "http://x/y"]) {
    it(`refuses the URL ${JSON.stringify(url)}`, () => {
      assert.throws(() => parseNamespaceUrl(url), { reason: "INVALID_URL" })
    })
  }

  it("needs no privilege for the own namespace", () => {
    using own = ownNamespace()
    using again = openNamespace(own.url)
    assert.deepEqual(again.inode, own.inode)
  })
})
