import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import type { PolicyRecord } from "@nsm/sdk"
import { temporaryFolder, type TemporaryFolder } from "@nsm/sdk/testing"

const main = join(import.meta.dirname, "../main.ts")

/** A request of nsc to nsmgr whose tokens end at a time, in seconds since 1970. */
function recorded(ends: number, changes: Partial<PolicyRecord> = {}): PolicyRecord {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url")
  const token = (from: string, to: string): string =>
    `${part({ alg: "ES256" })}.${part({ sub: from, aud: [to], exp: ends })}.`
  const tokens = [token("nsc", "nsmgr"), token("nsmgr", "nsc")]
  return {
    version: 1,
    time: "2026-01-01T00:00:00.000Z",
    point: "server",
    verdict: "allowed",
    input: {
      auth_info: { certificate: "" },
      index: 1,
      path_segments: tokens.map((token, at) => ({ name: ["nsc", "nsmgr"][at] ?? "", token })),
    },
    signedByPeer: tokens.slice(0, 1),
    ...changes,
  }
}

describe("nsm policy test", function () {
  this.timeout(20_000)
  const now = Date.UTC(2026, 0, 1) / 1000
  const defaults = ["common", "server"].flatMap((folder) => [
    "--policy",
    `etc/nsm/opa/${folder}/.*.rego`,
  ])
  let folder: TemporaryFolder
  before(async () => {
    folder = await temporaryFolder()
  })
  after(async () => folder[Symbol.asyncDispose]())

  async function run(lines: readonly (PolicyRecord | string)[], ...args: readonly string[]) {
    const file = join(folder.path, "record.jsonl")
    const written = lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line)))
    await writeFile(file, written.map((line) => `${line}\n`).join(""))
    const words = ["--conditions=source", main, "policy", "test", "--record", file, ...args]
    const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "pipe"] })
    const closed = once(child, "close")
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
    await closed
    return { code: child.exitCode, stdout, stderr }
  }

  it("says that nothing changes", async () => {
    const { code, stdout, stderr } = await run([recorded(now + 60)], ...defaults)
    assert.equal(stderr, "")
    assert.equal(stdout, "1 replayed, 0 answered otherwise\n")
    assert.equal(code, 0)
  })

  it("shows what would be refused, and what no longer", async () => {
    const refused = {
      verdict: "denied",
      why: "policy other asks for more",
      signedByPeer: [],
    } as const
    const lines = [recorded(now + 60), recorded(now - 60), recorded(now + 60, refused)]
    const { code, stdout } = await run(lines, "--policy", "tokens_expired.rego")
    assert.match(stdout, /^TIME +POINT +ABOUT +WAS +WOULD BE +WHY\n/)
    assert.match(stdout, /server +nsc > nsmgr +allowed +denied +policy common\/tokens_expired asks/)
    assert.match(stdout, /server +nsc > nsmgr +denied +allowed +policy other asks for more/)
    assert.match(stdout, /\n3 replayed, 2 answered otherwise\n$/)
    assert.equal(code, 1)
  })

  it("believes the record about signatures", async () => {
    const forged = recorded(now + 60, { signedByPeer: [] })
    const { stdout } = await run([forged], ...defaults, "-o", "json")
    const { replayed, changes } = JSON.parse(stdout) as {
      replayed: number
      changes: { after: string; why: string }[]
    }
    assert.equal(replayed, 1)
    assert.equal(changes[0]?.after, "denied")
    assert.match(changes[0].why, /server\/prev_token_signed/)
  })

  it("replays only what was asked at a point", async () => {
    const lines = [recorded(now - 60), recorded(now + 60, { point: "client" })]
    const { stdout } = await run(lines, "--policy", "tokens_expired.rego", "--point", "client")
    assert.equal(stdout, "1 replayed, 0 answered otherwise\n")
  })

  const wrong: readonly (readonly [
    RegExp,
    lines: readonly string[],
    ...args: readonly string[],
  ])[] = [
    [
      /record\.jsonl: line 2 is no record of NSM_POLICY_RECORD/,
      [JSON.stringify(recorded(now)), "{}"],
      ...defaults,
    ],
    [/line 1 is no record/, ["{"], ...defaults],
    [/mine\.rego is none of the policies that are built in/, [], "--policy", "mine.rego"],
    [/cannot be loaded: ENOENT/, [], "--policy", "nowhere.wasm"],
    [/nowhere\.jsonl cannot be read/, [], ...defaults, "--record", "nowhere.jsonl"],
    [/required option '--policy <policy>'/, []],
  ]
  for (const [says, lines, ...args] of wrong) {
    it(`answers 2 and says ${says.source}`, async () => {
      const { code, stderr } = await run(lines, ...args)
      assert.match(stderr, says)
      assert.equal(code, 2)
    })
  }
})
