import {
  memoryRegistries,
  memoryTransport,
  outline,
  seededRandom,
  silentLog,
  unsignedTokens,
} from "@nsm/sdk"
import { configurationTable } from "@nsm/sdk/daemon"
import { assertPrinted, FakeClock } from "@nsm/sdk/testing"
import { Registry } from "prom-client"
import { forwarderKernel } from "./chain.ts"
import { settings } from "./config.ts"

describe("the documents", () => {
  it("show the chain", () => {
    const clock = new FakeClock()
    const chain = forwarderKernel({
      name: "forwarder",
      tunnel: { ip: "192.0.2.1", linkMtu: 1500 },
      clock,
      log: silentLog,
      random: seededRandom(1),
      policies: { requests: { check: async () => {} } },
      tokens: unsignedTokens({ clock }),
      transport: memoryTransport({ name: "forwarder", clock }),
      registries: memoryRegistries({ clock }),
      tasks: { run: () => {} },
      metrics: new Registry(),
      wiring: {
        apply: async () => [],
        remove: async () => {},
        find: async () => undefined,
        hasVni: () => false,
        isThere: () => true,
        onLost: () => ({ [Symbol.dispose]() {} }),
      },
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
