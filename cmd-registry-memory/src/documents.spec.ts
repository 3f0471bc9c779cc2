import { memoryRegistries, outline } from "@nsm/sdk"
import { configurationTable } from "@nsm/sdk/daemon"
import { assertPrinted, FakeClock } from "@nsm/sdk/testing"
import { settings } from "./config.ts"

describe("the documents", () => {
  it("show the chains", () => {
    const { chains } = memoryRegistries({
      clock: new FakeClock(),
      policies: { registrations: { check: async () => {} } },
    })
    const text = `\`\`\`text\n${outline(chains.services)}\n${outline(chains.endpoints)}\n\`\`\``
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
