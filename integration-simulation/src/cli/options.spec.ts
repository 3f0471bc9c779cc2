import assert from "node:assert/strict"
import { largeWorld } from "../plan.ts"
import { readOptions, usage, UsageError } from "./options.ts"
import { replayCommand } from "./replay.ts"

describe("the command line of the simulation", () => {
  it("lives through a hundred seeds when nothing is said", () => {
    const options = readOptions([])
    assert.ok(options !== "help")
    const { first, count, wanted, output, trace } = options
    assert.deepEqual(
      { first, count, wanted, output, trace },
      {
        ...{ first: 1, count: 100, wanted: {} },
        ...{ output: "text", trace: false },
      },
    )
  })

  it("takes one seed, sizes and JSON", () => {
    const options = readOptions([
      "--seed",
      "7",
      "--trace",
      "--nodes",
      "3",
      "--faults",
      "0",
      "-o",
      "json",
    ])
    assert.ok(options !== "help")
    assert.deepEqual([options.first, options.count, options.trace], [7, 1, true])
    assert.deepEqual([options.wanted, options.output], [{ nodes: 3, faults: 0 }, "json"])
  })

  it("lets sizes that are said go before those of the large world", () => {
    const options = readOptions(["--large", "--nodes", "3"])
    assert.ok(options !== "help")
    assert.deepEqual(options.wanted, { ...largeWorld, nodes: 3 })
  })

  it("replays what it was told", () => {
    const wanted = { nodes: 3, faults: 0 }
    const command = replayCommand(7, wanted)
    assert.equal(command, "npm run simulate -- --seed 7 --nodes 3 --faults 0 --trace")
    const options = readOptions(command.split(" ").slice(4))
    assert.ok(options !== "help")
    assert.deepEqual([options.first, options.count, options.wanted], [7, 1, wanted])
  })

  for (const { args, text } of [
    { args: ["--seeds", "many"], text: /--seeds must be a whole number from 1 on, not "many"/ },
    { args: ["--nodes", "0"], text: /--nodes must be a whole number from 1 on/ },
    { args: ["--trace"], text: /--trace needs --seed/ },
    { args: ["-o", "yaml"], text: /must be text or json, not "yaml"/ },
    { args: ["--sede", "1"], text: /--sede/ },
  ]) {
    it(`refuses ${args.join(" ")}`, () => {
      assert.throws(
        () => readOptions(args),
        (error) => error instanceof UsageError && text.test(error.message),
      )
    })
  }

  it("explains every option", () => {
    assert.equal(readOptions(["--help"]), "help")
    const known = ["seeds", "first", "seed", "trace", "jobs", "nodes", "services", "endpoints"]
    for (const name of [...known, "clients", "minutes", "faults", "large", "help"]) {
      assert.match(usage, new RegExp(`--${name}\\b`))
    }
  })
})
