import { memoryRegistries, memoryTransport, outline, seededRandom, unsignedTokens } from "@nsm/sdk"
import { configurationTable } from "@nsm/sdk/daemon"
import { assertPrinted, FakeClock } from "@nsm/sdk/testing"
import { Registry } from "prom-client"
import { managerDaemon } from "./chain.ts"
import { settings } from "./config.ts"
import { nodeRegistries } from "./registries.ts"

describe("the documents", () => {
  const clock = new FakeClock()
  const publicUrl = "tcp://192.0.2.1:5001"
  const upstream = memoryRegistries({ clock })
  const judge = { check: async () => {} }
  const policies = { registrations: judge, answers: judge }
  const registries = nodeRegistries({ publicUrl, clock, upstream, policies })
  const file = new URL("../docs/chain.md", import.meta.url)

  it("show the chain", () => {
    const chain = managerDaemon({
      name: "nsmgr",
      random: seededRandom(1),
      policies: { requests: judge },
      tokens: unsignedTokens({ clock }),
      transport: memoryTransport({ name: "nsmgr", clock }),
      registries,
      publicUrl,
      metrics: new Registry(),
    })
    assertPrinted({ file, section: "chain", text: `\`\`\`text\n${outline(chain)}\n\`\`\`` })
  })

  it("show the registries' chains", () => {
    const { services, endpoints } = registries.chains
    const text = `\`\`\`text\n${outline(services)}\n${outline(endpoints)}\n\`\`\``
    assertPrinted({ file, section: "registries", text })
  })

  it("list the settings", () => {
    assertPrinted({
      file: new URL("../README.md", import.meta.url),
      section: "configuration",
      text: configurationTable(settings),
    })
  })
})
