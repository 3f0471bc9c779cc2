import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { formatPem, type PathRecord, signedTokens } from "@nsm/sdk"
import { fixedIdentity, temporaryFolder, type TemporaryFolder } from "@nsm/sdk/testing"

const main = join(import.meta.dirname, "..", "main.ts")

describe("nsm path verify", function () {
  this.timeout(20_000)
  let folder: TemporaryFolder
  let record: PathRecord
  before(async () => {
    folder = await temporaryFolder()
    const [nsc, nse] = ["spiffe://nsm.local/nsc", "spiffe://nsm.local/nse"] as const
    const client = await fixedIdentity({ id: nsc })
    const endpoint = await fixedIdentity({ id: nse, authority: client.authority })
    const hop = (name: string, source: typeof client, id: string) => ({
      name,
      id: `${name}-0`,
      token: signedTokens({ source }).token({ address: "", id }).token,
      certificates: formatPem(source.current.svid.certificates),
    })
    record = {
      version: 1,
      takenAt: new Date().toISOString(),
      connection: { id: "nsc-0", networkService: "icmp" },
      hops: [hop("nsc", client, nse), hop("nse", endpoint, nsc)],
      trustDomains: ["nsm.local"],
    }
    await Promise.all([
      writeFile(join(folder.path, "path.json"), JSON.stringify(record)),
      writeFile(join(folder.path, "roots.pem"), formatPem(client.authority.bundle)),
      writeFile(join(folder.path, "none.json"), JSON.stringify({ ...record, hops: [] })),
    ])
  })
  after(async () => folder[Symbol.asyncDispose]())

  async function verify(args: readonly string[], input = "") {
    const child = spawn(
      process.execPath,
      ["--conditions=source", main, "path", "verify", ...args],
      {
        cwd: folder.path,
        env: { PATH: process.env["PATH"], HOME: folder.path, TMPDIR: folder.path, NO_COLOR: "1" },
      },
    )
    const closed = once(child, "close")
    child.stdin.end(input)
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
    await closed
    return { code: child.exitCode, stdout, stderr }
  }
  const bundle = ["--bundle", "nsm.local=roots.pem"]

  it("shows who each hop is, and ends with 0, when all of it is proven", async () => {
    const { code, stdout, stderr } = await verify(["path.json", ...bundle])
    assert.equal(stderr, "")
    assert.equal(code, 0)
    assert.match(stdout, /^nsc-0 to icmp, at 2.*Z:\n\nHOP +SPIFFE ID +TOKEN +EXPIRES\n/)
    assert.match(stdout, /^nsc +spiffe:\/\/nsm\.local\/nsc +ok +2.*Z$/m)
    assert.match(stdout, /^nse +spiffe:\/\/nsm\.local\/nse +ok +2.*Z$/m)
  })

  it("reads standard input, and prints JSON", async () => {
    const { code, stdout } = await verify(["-", ...bundle, "-o", "json"], JSON.stringify(record))
    assert.equal(code, 0)
    assert.partialDeepStrictEqual(JSON.parse(stdout), {
      schemaVersion: 1,
      proven: true,
      connection: { id: "nsc-0" },
      hops: [{ name: "nsc", id: "spiffe://nsm.local/nsc", problems: [] }, { name: "nse" }],
    })
    assert.ok(!stdout.includes(record.hops[0]?.token ?? ""), "it prints tokens")
  })

  it("ends with 1 when something is not proven, and says what and why", async () => {
    const [nsc, nse] = record.hops
    const swapped = { ...record, hops: [nsc, { ...nse, token: nsc?.token }] }
    const { code, stdout, stderr } = await verify(["-", ...bundle], JSON.stringify(swapped))
    assert.equal(code, 1)
    assert.match(stdout, /its token names .*nsc, but its certificate .*nse/)
    assert.match(stderr, /of 2 hops are not proven/)
    const none = await verify(["none.json", ...bundle])
    assert.equal(none.code, 1)
    assert.match(none.stderr, /no hops/)
  })

  it("asks for roots that it was not given", async () => {
    const { code, stdout, stderr } = await verify(["path.json"])
    assert.equal(code, 1)
    assert.match(stdout, /the roots of nsm\.local were not given/)
    assert.match(stderr, /what to do: Give the roots: --bundle nsm\.local=FILE/)
  })

  const wrong: readonly [says: RegExp, ...args: string[]][] = [
    [/nowhere\.json cannot be read/, "nowhere.json"],
    [/no record of a path: it is no JSON/, "roots.pem"],
    [/nowhere\.pem cannot be read/, "path.json", "--bundle", "nsm.local=nowhere.pem"],
    [/path\.json/, "path.json", "--bundle", "nsm.local=path.json"],
    [/Write it as trust-domain=file/, "path.json", "--bundle", "roots.pem"],
  ]
  for (const [says, ...args] of wrong) {
    it(`answers 2 to: nsm path verify ${args.join(" ")}`, async () => {
      const { code, stderr } = await verify(args)
      assert.match(stderr, says)
      assert.equal(code, 2)
    })
  }
})
