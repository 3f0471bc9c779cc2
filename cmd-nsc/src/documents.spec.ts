import { memoryTransport, outline, seededRandom } from "@nsm/sdk"
import { configurationTable } from "@nsm/sdk/daemon"
import { assertPrinted, FakeClock } from "@nsm/sdk/testing"
import { Registry } from "prom-client"
import { clientDaemon } from "./chain.ts"
import { settings } from "./config.ts"
import { noteOutcomes } from "./note-outcomes.ts"

describe("the documents", () => {
  it("show the chain", () => {
    const clock = new FakeClock()
    const chain = clientDaemon({
      name: "nsc",
      connectTo: "unix:///nsm.io.sock",
      random: seededRandom(1),
      policies: { answers: { check: async () => {} } },
      healing: {},
      transport: memoryTransport({ name: "nsc", clock }),
      metrics: new Registry(),
      namespaceUrl: "file:///proc/1/ns/net",
      observer: noteOutcomes([]),
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
