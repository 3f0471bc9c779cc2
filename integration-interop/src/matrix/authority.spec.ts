import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { readFile } from "node:fs/promises"
import { exitOf, LabProcess, programFile } from "@nsm/integration-netns"
import { temporaryFolder, type TemporaryFolder } from "@nsm/sdk/testing"
import type { Report } from "../conformance/result.ts"
import { allOn, Mesh } from "../lab/mesh.ts"
import { needsGo } from "../lab/needs-go.ts"

const program = new URL(
  `../conformance/main${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`,
  import.meta.url,
)

describe("the authority, asked by the Go implementation", function () {
  this.timeout(60_000)
  let folder: TemporaryFolder
  let authority: LabProcess
  let mesh: Mesh

  before(needsGo)

  before(async () => {
    folder = await temporaryFolder()
    authority = new LabProcess({
      ...{ name: "authority", file: programFile("cmd-authority"), place: { spawn } },
      directory: folder.path,
      settings: {
        NSM_LISTEN_ON: folder.socket("authority.sock"),
        NSM_STATE_DIRECTORY: `${folder.path}/state`,
      },
    })
    await authority.ready()
    mesh = await Mesh.up({
      sides: allOn("go", { nsmgr: "ours", nse: "ours" }),
      spiffeSocket: folder.socket("authority.sock"),
    })
  })

  after(async () => {
    await mesh?.[Symbol.asyncDispose]()
    await authority?.[Symbol.asyncDispose]()
    await folder?.[Symbol.asyncDispose]()
  })

  const check = async (role: "registry" | "nsmgr", ...more: readonly string[]) => {
    const json = `${folder.path}/${role}.json`
    const args = [
      ...["--conditions=source", program.pathname, "--address", mesh.members[role].url],
      ...["--role", role, "--spiffe-socket", folder.socket("authority.sock"), "--json", json],
    ]
    const child = spawn(process.execPath, [...args, ...more], { stdio: ["ignore", "pipe", "pipe"] })
    let said = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text))
    child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text))
    const { code } = await exitOf(child)
    return { code, said, json }
  }

  it("tells programs of both apart by what the kernel knows, so that they trust each other", async () => {
    const { code, said, json } = await check(
      "registry",
      "--only",
      "tls-",
      "--only",
      "registry-path",
    )
    assert.equal(code, 0, said)
    assert.match(said, /pass {2}tls-svid +spiffe:\/\/nsm\.local\/uid\/\d+\/registry, no authority/)
    const { results } = JSON.parse(await readFile(json, "utf8")) as Report
    assert.ok(results.some(({ id, verdict }) => id === "registry-path-ids" && verdict === "pass"))
  })

  it("lets a client of ours through a mesh of both", async () => {
    const { code, said } = await check("nsmgr", "--only", "request-", "--only", "next-path")
    assert.equal(code, 0, said)
  })
})
