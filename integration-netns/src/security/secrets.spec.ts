import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { jwt, temporaryFolder } from "@nsm/sdk/testing"
import { LabProcess } from "../lab/lab-process.ts"

describe("a daemon that writes a token into its log", () => {
  it("fails the test that ends it, with the place and without the token", async () => {
    await using folder = await temporaryFolder()
    const token = jwt({ sub: "spiffe://nsm.local/nsc" })
    const file = join(folder.path, "talkative.mjs")
    const lines = ["all is well", `called with ${token}`].map((line) => JSON.stringify(line))
    await writeFile(file, lines.map((line) => `console.log(${line})\n`).join(""))
    const talkative = new LabProcess({
      ...{ name: "talkative", file, place: { spawn }, directory: folder.path },
    })
    await talkative.exited()
    await assert.rejects(talkative[Symbol.asyncDispose](), ({ message }: Error) => {
      assert.match(
        message,
        /^talkative has written secrets:\na token in line 2, after: called with /,
      )
      return !message.includes(token)
    })
  })
})
