import assert from "node:assert/strict"
import { chmod, chown, mkdir, readFile, stat, writeFile } from "node:fs/promises"
import { NsmError } from "../core/errors.ts"
import { temporaryFolder, type TemporaryFolder } from "../testing/temporary-folder.ts"
import { type Issuer, makeRoot, newKey } from "./issuer.ts"
import { openState, readState } from "./state.ts"

const trustDomain = "nsm.test"

describe("openState", () => {
  let folder: TemporaryFolder
  let directory: string
  let file: string
  let issuer: Issuer

  before(async () => {
    issuer = await makeRoot(trustDomain, { now: Date.now(), lifetimeMs: 3_600_000 })
  })
  beforeEach(async () => {
    folder = await temporaryFolder()
    directory = `${folder.path}/some/authority`
    file = `${directory}/authority.json`
  })
  afterEach(() => folder[Symbol.asyncDispose]())

  const kept = async (): Promise<void> => {
    const state = await openState({ directory, trustDomain })
    assert.deepEqual(state.issuers, [])
    await state.keep([issuer])
  }
  const refused = async (text: RegExp, options = { directory, trustDomain }): Promise<void> => {
    await assert.rejects(openState(options), (thrown) => {
      assert.ok(thrown instanceof NsmError)
      assert.equal(thrown.reason, "INVALID_CONFIGURATION")
      assert.match(thrown.message, text)
      assert.doesNotMatch(thrown.message, /PRIVATE|MIG/)
      return true
    })
  }

  it("gives back what was kept", async () => {
    await kept()
    const { issuers } = await openState({ directory, trustDomain })
    const [first] = issuers
    assert.ok(first?.privateKey.equals(issuer.privateKey))
    assert.equal(first?.certificate.fingerprint256, issuer.certificate.fingerprint256)
    assert.equal(first?.root, first?.certificate)
    assert.deepEqual(first?.above, [])
  })

  it("tells the trust domain to who does not know it", async () => {
    await assert.rejects(readState(directory), /no authority keeps its keys in/)
    await kept()
    const state = await readState(directory)
    assert.equal(state.trustDomain, trustDomain)
    assert.equal(state.issuers.length, 1)
  })

  it("lets nobody else at the keys, whatever the umask", async () => {
    const before = process.umask(0)
    try {
      await kept()
    } finally {
      process.umask(before)
    }
    assert.equal((await stat(directory)).mode & 0o777, 0o700)
    assert.equal((await stat(file)).mode & 0o777, 0o600)
  })

  it("refuses a folder, and a file, that others may use", async () => {
    await kept()
    await chmod(file, 0o640)
    await refused(/authority\.json.*mode 640.*chmod/)
    await chmod(file, 0o600)
    await chmod(directory, 0o711)
    await refused(/mode 711/)
  })

  it("refuses a folder of another user", async function () {
    if (process.getuid?.() !== 0) {
      this["skipReason"] = "needs root, to give a folder to another user"
      this.skip()
    }
    await kept()
    await chown(directory, 1234, 1234)
    await refused(/belongs to user 1234/)
  })

  it("does not mind what an attempt that was cut short has left", async () => {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    await writeFile(`${file}.next`, "half a", { mode: 0o644 })
    await kept()
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    assert.equal((await openState({ directory, trustDomain })).issuers.length, 1)
  })

  it("refuses another trust domain's", async () => {
    await kept()
    await refused(/"nsm\.test", not "other\.test"/, { directory, trustDomain: "other.test" })
  })

  it("refuses what it has not written, and quotes none of it", async () => {
    await kept()
    const right = await readFile(file, "utf8")
    const pem = (key: string): string => JSON.stringify(key).slice(1, -1)
    const other = newKey().privateKey.export({ type: "pkcs8", format: "pem" }).toString()
    const own = issuer.privateKey.export({ type: "pkcs8", format: "pem" }).toString()
    const wrong: [text: string, why: RegExp][] = [
      ["", /not what an authority has written/],
      ["{}", /not what an authority has written/],
      [right.slice(0, 300), /not what an authority has written/],
      [right.replace(pem(own), pem(other)), /issuer 0 .*do not belong together/],
      [right.replace("BEGIN PRIVATE", "BEGIN STRANGE"), /key of issuer 0 .*no EC P-256/],
      [right.replace("BEGIN CERTIFICATE", "BEGIN"), /certificate of issuer 0 .*cannot be read/],
      [right.replace(/"certificates": \[[^\]]*\]/, '"certificates": []'), /has no certificate/],
    ]
    for (const [text, why] of wrong) {
      await writeFile(file, text)
      await refused(why)
    }
  })

  it("says where it cannot be", async () => {
    await writeFile(`${folder.path}/some`, "a file")
    await assert.rejects(openState({ directory, trustDomain }), /some\/authority/)
  })
})
