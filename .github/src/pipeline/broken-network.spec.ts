import { serveRepository, type Way } from "./git-over-loopback.ts"
import { changed, fails, goesOn, refuses } from "./going-on.ts"
import { release } from "./release.ts"

describe("a network that breaks", function () {
  // Each case is some dozens of runs of git.
  this.timeout(120_000)

  /** What a release has to say and to hear, without any cut. */
  const whole = async (): Promise<Readonly<Record<Way, number>>> => {
    using one = changed()
    await using network = await serveRepository(one.path)
    await release({ forge: { ...one.forge, url: network.url } })
    return network.bytes
  }

  it("says so when it is gone half-way, wherever that is, and goes on", async () => {
    const bytes = await whole()
    const cuts = [
      ["sent", 0.4, "git clone"],
      ["received", 0.95, "git push"],
      // By then the release has been made, and nobody has heard of it.
      ["sent", 0.99, "git push"],
    ] as const
    for (const [way, part, during] of cuts) {
      using one = changed()
      await using network = await serveRepository(one.path)
      network.cut(way, Math.floor(bytes[way] * part))
      const forge = { ...one.forge, url: network.url }
      const says = new RegExp(`${during}[^]*(git://127|origin)`)
      await fails(release({ forge }), "FORGE_UNREACHABLE", says)
      network.mend()
      await goesOn({ ...one, forge })
    }
  })

  it("says so when it is not there at all", async () => {
    using one = changed()
    const network = await serveRepository(one.path)
    await network[Symbol.asyncDispose]()
    for (const url of [network.url, network.url.replace("git:", "http:")]) {
      const forge = { ...one.forge, url }
      await refuses(one, release({ forge }), "FORGE_UNREACHABLE", /127\.0\.0\.1[^]*connect/)
    }
  })
})
