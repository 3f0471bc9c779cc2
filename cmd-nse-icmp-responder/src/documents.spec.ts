import { outline, parseCidrGroups, seededRandom, unsignedTokens } from "@nsm/sdk"
import { configurationTable } from "@nsm/sdk/daemon"
import { assertPrinted, FakeClock } from "@nsm/sdk/testing"
import { Registry } from "prom-client"
import { icmpResponder } from "./chain.ts"
import { settings } from "./config.ts"
import { idle } from "./idle.ts"

describe("the documents", () => {
  it("show the chain", () => {
    const clock = new FakeClock()
    const { signal } = new AbortController()
    const chain = icmpResponder({
      name: "nse",
      tokens: unsignedTokens({ clock }),
      random: seededRandom(1),
      policies: { requests: { check: async () => {} } },
      metrics: new Registry(),
      namespaceUrl: "file:///proc/1/ns/net",
      groups: parseCidrGroups("172.16.0.0/24,fd00::/64"),
      ipamPolicy: "polite",
      ...idle({ clock, timeoutMs: 1000, onIdle: () => {}, signal }),
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
