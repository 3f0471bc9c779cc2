import { outline, seededRandom, unsignedTokens } from "@nsm/sdk"
import { configurationTable } from "@nsm/sdk/daemon"
import { assertPrinted, FakeClock } from "@nsm/sdk/testing"
import { Registry } from "prom-client"
import { supplier } from "./chain.ts"
import { settings } from "./config.ts"

describe("the documents", () => {
  it("show the chain", () => {
    const clock = new FakeClock()
    const chain = supplier({
      name: "nse",
      tokens: unsignedTokens({ clock }),
      random: seededRandom(1),
      policies: { requests: { check: async () => {} } },
      metrics: new Registry(),
    })
    const text = `\`\`\`text\n${outline(chain)}\n\`\`\``
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
