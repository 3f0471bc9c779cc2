import { outline } from "@nsm/sdk"
import { configurationTable } from "@nsm/sdk/daemon"
import { assertPrinted } from "@nsm/sdk/testing"
import { Registry } from "prom-client"
import { authorityChain } from "./chain.ts"
import { settings } from "./config.ts"

describe("the documents", () => {
  it("show the chain", () => {
    const text = `\`\`\`text\n${outline(authorityChain(new Registry()))}\n\`\`\``
    assertPrinted({ file: new URL("../docs/chain.md", import.meta.url), section: "chain", text })
  })

  it("list the settings", () => {
    assertPrinted({
      file: new URL("../README.md", import.meta.url),
      section: "configuration",
      text: configurationTable(settings),
    })
  })
})
