import assert from "node:assert/strict"
import type { Graph, Node } from "./graph.ts"
import { branchOf, changesetOf, movedManifest, type Update, updatesOf } from "./update.ts"

function node(folder: string, stage: number, ...names: readonly string[]): Node {
  const links = names.map((name) => {
    return { name: `@nsm/${name}`, range: "0.1.0", version: "0.1.0", isDevelopment: false }
  })
  return { folder, name: `@nsm/${folder}`, version: "0.1.0", links, stage }
}

const graph: Graph = [node("api", 0), node("sdk", 1, "api"), node("cmd-a", 2, "api", "sdk")]

/** sdk 0.1.1 has been released with api 0.2.0. */
const settled: Graph = graph.map((one) =>
  one.folder === "sdk"
    ? {
        ...one,
        version: "0.1.1",
        links: [{ name: "@nsm/api", range: "0.2.0", version: "0.2.0", isDevelopment: false }],
      }
    : one,
)

const short = (all: readonly Update[]) =>
  all.map((update) => {
    const moves = update.moves.map(({ link, to }) => `${link.name.slice(5)}@${to}`)
    return [branchOf(update), ...moves, update.waitsFor ?? ""].join(" ").trim()
  })

describe("updates", () => {
  it("come to a package after those in between, and bring along what these name", () => {
    const releases = new Map([["@nsm/api", "0.2.0"]])
    const unreleased = new Set<string>()
    const manifests = new Map()
    assert.deepEqual(short(updatesOf({ graph, releases, manifests, unreleased })), [
      "update/sdk/api api@0.2.0",
      "update/cmd-a/api api@0.2.0 @nsm/sdk",
    ])
    const later = new Map([...releases, ["@nsm/sdk", "0.1.1"] as const])
    const sdk = { name: "@nsm/sdk", dependencies: { "@nsm/api": "0.2.0" } }
    const known = new Map([["@nsm/sdk", sdk]])
    const all = updatesOf({ graph: settled, releases: later, manifests: known, unreleased })
    assert.deepEqual(short(all), ["update/cmd-a/sdk sdk@0.1.1 api@0.2.0"])
  })

  it("wait for a package whose update is merged and not released", () => {
    const releases = new Map([["@nsm/api", "0.2.0"]])
    const unreleased = new Set(["@nsm/sdk"])
    assert.deepEqual(
      short(updatesOf({ graph: settled, releases, manifests: new Map(), unreleased })),
      ["update/cmd-a/api api@0.2.0 @nsm/sdk"],
    )
  })

  it("of one wave come together, after all that are before the package", () => {
    const named = (folder: string, stage: number, needs: Readonly<Record<string, string>>) => ({
      ...node(folder, stage),
      links: Object.entries(needs).map(([name, version]) => {
        return { name: `@nsm/${name}`, range: version, version, isDevelopment: false }
      }),
    })
    const old = { "cmd-a": "0.1.0", "cmd-b": "0.1.0", sdk: "0.1.0" }
    const both = ["cmd-a", "cmd-b"].map((name) => named(name, 1, { sdk: "0.1.1" }))
    const last = named("integration-a", 2, old)
    const released = { name: "", dependencies: { "@nsm/sdk": "0.1.1" } }
    const manifests = new Map(both.map(({ name }) => [name, released]))
    const releases = new Map(["sdk", "cmd-a", "cmd-b"].map((name) => [`@nsm/${name}`, "0.1.1"]))
    const options = { releases, manifests, unreleased: new Set<string>() }
    const all = updatesOf({ ...options, graph: [node("sdk", 0), ...both, last] })
    const branch = "update/integration-a/cmd-a"
    assert.deepEqual(short(all), [`${branch} cmd-a@0.1.1 cmd-b@0.1.1 sdk@0.1.1`])
    // The other one is red, so it has not moved.
    const [moved, red] = [named("cmd-a", 1, { sdk: "0.1.1" }), named("cmd-b", 1, { sdk: "0.1.0" })]
    const half = new Map([...releases].filter(([name]) => name !== "@nsm/cmd-b"))
    const held = updatesOf({
      ...options,
      releases: half,
      graph: [node("sdk", 0), moved, red, last],
    })
    assert.deepEqual(short(held), [
      "update/cmd-b/sdk sdk@0.1.1",
      `${branch} cmd-a@0.1.1 sdk@0.1.1 @nsm/cmd-b`,
    ])
  })

  it("do not go back to an older version", () => {
    const releases = new Map([["@nsm/api", "0.0.9"]])
    const options = { graph, releases, manifests: new Map(), unreleased: new Set<string>() }
    assert.deepEqual(updatesOf(options), [])
  })

  it("change the line of the range, and keep the form of the rest", () => {
    const releases = new Map([["@nsm/api", "0.2.0"]])
    const options = { graph, releases, manifests: new Map(), unreleased: new Set<string>() }
    const [update] = updatesOf(options)
    assert.ok(update)
    const text = `{"dependencies":\n\t{ "@nsm/api" : "0.1.0", "@nsm/api-b": "0.1.0" }}`
    assert.equal(
      movedManifest(text, update),
      text.replace('"@nsm/api" : "0.1.0"', '"@nsm/api" : "0.2.0"'),
    )
    assert.match(changesetOf(update) ?? "", /"@nsm\/sdk": minor/)
  })
})
