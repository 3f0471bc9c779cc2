import assert from "node:assert/strict"
import type { Manifest } from "../../workspaces.ts"
import type { LockEntry, LockFile } from "../lock-file.ts"
import { aloneLock, type Pack } from "./alone-lock.ts"

/** An entry of a third party. */
function party(version: string, more: LockEntry = {}): LockEntry {
  return { version, integrity: `sha512-${version}`, ...more }
}

function lockOf(packages: LockFile["packages"]): LockFile {
  return { lockfileVersion: 3, packages: { "": {}, ...packages } }
}

function manifest(folder: string, more: object = {}): Manifest {
  return { name: `@nsm/${folder}`, version: "0.1.0", ...more }
}

function pack(lock: LockFile, folder: string, more: object = {}): Pack {
  const resolved = `file:../${folder}.tgz`
  return { manifest: manifest(folder, more), resolved, integrity: "sha512-own", lock, at: folder }
}

/** The places of a lock file, with the version in each. */
function places({ packages }: LockFile): Readonly<Record<string, string>> {
  const named = Object.entries(packages).filter(([path]) => path !== "")
  return Object.fromEntries(named.map(([path, { version = "" }]) => [path, version]))
}

const lock = lockOf({
  "node_modules/a": party("1.0.0", { dependencies: { b: "^1.0.0" } }),
  "node_modules/a/node_modules/b": party("1.5.0", { dependencies: { c: "*" } }),
  "node_modules/b": party("2.0.0"),
  "node_modules/c": party("3.0.0"),
  "node_modules/native": party("1.0.0", { optional: true, os: ["linux"] }),
  "node_modules/stray": party("1.0.0"),
  "node_modules/@nsm/api": { resolved: "api", link: true },
  "sdk/node_modules/b": party("1.9.0"),
})

describe("the lock file of a package alone", () => {
  it("has what the package needs at the versions of the suite's, and nothing else", () => {
    const dependencies = { a: "1.0.0", "@nsm/api": ">=0.1.0 <1.0.0" }
    const cut = aloneLock({
      manifest: manifest("sdk", { dependencies, devDependencies: { b: "^1.0.0" } }),
      packs: [pack(lock, "api", { dependencies: { b: "2.0.0" } })],
      lock,
      at: "sdk",
    })
    assert.deepEqual(places(cut), {
      "node_modules/@nsm/api": "0.1.0",
      "node_modules/@nsm/api/node_modules/b": "2.0.0",
      "node_modules/a": "1.0.0",
      "node_modules/a/node_modules/b": "1.5.0",
      "node_modules/b": "1.9.0",
      "node_modules/c": "3.0.0",
    })
    assert.deepEqual(cut.packages["node_modules/@nsm/api"], {
      version: "0.1.0",
      resolved: "file:../api.tgz",
      integrity: "sha512-own",
      dependencies: { b: "2.0.0" },
    })
    assert.equal(cut.packages["node_modules/a"]?.integrity, "sha512-1.0.0")
  })

  it("gives what is nested there to the one that needs it, further out where there is room", () => {
    const cut = aloneLock({
      manifest: manifest("api", { dependencies: { a: "1.0.0" } }),
      packs: [],
      lock,
      at: "api",
    })
    assert.equal(places(cut)["node_modules/b"], "1.5.0")
  })

  it("says what is only for development, or may be missing", () => {
    const optional = lockOf({
      ...lock.packages,
      "node_modules/d": party("1.0.0", {
        optionalDependencies: { native: "1.0.0", absent: "1.0.0" },
      }),
    })
    const flags = (more: object): LockEntry => {
      const own = manifest("api", more)
      const cut = aloneLock({ manifest: own, packs: [], lock: optional, at: "api" })
      const { dev, optional: may, devOptional } = cut.packages["node_modules/native"] ?? {}
      return { dev, optional: may, devOptional }
    }
    const none = { dev: undefined, optional: undefined, devOptional: undefined }
    const d = { d: "1.0.0" }
    const native = { native: "1.0.0" }
    assert.deepEqual(flags({ dependencies: native }), none)
    assert.deepEqual(flags({ devDependencies: native }), { ...none, dev: true })
    assert.deepEqual(flags({ dependencies: d }), { ...none, optional: true })
    assert.deepEqual(flags({ devDependencies: d }), { ...none, dev: true, optional: true })
    const both = { dependencies: d, devDependencies: native }
    assert.deepEqual(flags(both), { ...none, devOptional: true })
  })

  it("names nothing that may be missing and is, which npm would ask its registry for", () => {
    const optionalDependencies = { native: "1.0.0", absent: "1.0.0" }
    const cut = aloneLock({
      manifest: manifest("api", { dependencies: { d: "1.0.0" } }),
      packs: [],
      lock: lockOf({
        ...lock.packages,
        "node_modules/d": party("1.0.0", { optionalDependencies }),
      }),
      at: "api",
    })
    assert.deepEqual(cut.packages["node_modules/d"]?.optionalDependencies, { native: "1.0.0" })
  })

  it("keeps apart what a pack was released with and what the suite has now", () => {
    const older = lockOf({ "node_modules/b": party("1.0.0"), "node_modules/c": party("2.0.0") })
    const cut = aloneLock({
      manifest: manifest("sdk", { dependencies: { c: "3.0.0", "@nsm/api": ">=0.1.0 <1.0.0" } }),
      packs: [pack(older, "api", { dependencies: { b: "1.0.0", c: "2.0.0" } })],
      lock,
      at: "sdk",
    })
    assert.deepEqual(places(cut), {
      "node_modules/@nsm/api": "0.1.0",
      "node_modules/@nsm/api/node_modules/c": "2.0.0",
      "node_modules/b": "1.0.0",
      "node_modules/c": "3.0.0",
    })
  })

  it("has one of each package of the suite, the highest that is named", () => {
    const api = pack(lock, "api")
    const cut = aloneLock({
      manifest: manifest("sdk", { dependencies: { "@nsm/api": ">=0.1.0 <1.0.0" } }),
      packs: [api, { ...api, manifest: { ...api.manifest, version: "0.2.0" } }],
      lock,
      at: "sdk",
    })
    assert.deepEqual(places(cut), { "node_modules/@nsm/api": "0.2.0" })
  })

  const peer = lockOf({
    "node_modules/plugin": party("1.0.0", { peerDependencies: { host: "^1.0.0" } }),
    "node_modules/host": party("1.0.0"),
    "node_modules/git": { version: "1.0.0", resolved: "git+ssh://example.org/git.git" },
    "api/node_modules/host": party("2.0.0"),
  })
  const refused: readonly { readonly dependencies: object; readonly says: RegExp }[] = [
    { dependencies: { absent: "1.0.0" }, says: /api needs absent 1\.0\.0, which the suite's/ },
    { dependencies: { plugin: "1.1.0" }, says: /api needs plugin 1\.1\.0, where .* has 1\.0\.0/ },
    { dependencies: { git: "1.0.0" }, says: /api needs git 1\.0\.0, which comes from no registry/ },
    { dependencies: { "@nsm/sdk": ">=0.2.0 <1.0.0" }, says: /@nsm\/sdk .*not among the packs/ },
    {
      dependencies: { host: "2.0.0", plugin: "1.0.0" },
      says: /plugin needs host \^1\.0\.0, beside node_modules\/host 2\.0\.0/,
    },
  ]
  it("is refused where one name would have to be two", () => {
    const sdk = pack(lock, "sdk")
    const own = manifest("cmd-nsc", {
      dependencies: { "@nsm/sdk": "0.1.0" },
      devDependencies: { "@nsm/sdk": ">=0.2.0 <1.0.0" },
    })
    const packs = [sdk, { ...sdk, manifest: { ...sdk.manifest, version: "0.2.0" } }]
    assert.throws(() => aloneLock({ manifest: own, packs, lock, at: "cmd-nsc" }), {
      message: /^LOCK_UNFIT: cmd-nsc needs @nsm\/sdk 0\.1\.0, and would get .*sdk 0\.2\.0$/,
    })
  })

  for (const { dependencies, says } of refused) {
    it(`is refused for a package that needs ${JSON.stringify(dependencies)}`, () => {
      const packs = [pack(peer, "sdk")]
      const own = manifest("api", { dependencies })
      const message = new RegExp(`^LOCK_UNFIT: .*${says.source}`)
      assert.throws(() => aloneLock({ manifest: own, packs, lock: peer, at: "api" }), { message })
    })
  }
})
