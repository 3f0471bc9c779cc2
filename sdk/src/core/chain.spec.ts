import assert from "node:assert/strict"
import { bind, chain, element, outline } from "./chain.ts"
import { NsmError } from "./errors.ts"

/** A service with a method of each kind. */
interface Words {
  say(words: string): Promise<string>
  spell(words: string): AsyncIterable<string>
}

const tail: Words = {
  say: async (words) => words,
  async *spell(words) {
    yield* words
  },
}

/** Marks what goes in with `>name` and what comes out with `<name`. */
const mark = (name: string) =>
  element<Words>(name, (next) => ({
    say: async (words) => `${await next.say(`${words}>${name}`)}<${name}`,
  }))

const failing = (name: string, failure: Error) =>
  element<Words>(name, () => ({
    say: () => Promise.reject(failure),
    spell() {
      throw failure
    },
  }))

describe("chain", () => {
  it("runs the first part outermost", async () => {
    const both = chain("both", mark("a"), mark("b"))
    assert.equal(await bind(both, tail).say(""), ">a>b<b<a")
  })

  it("runs the same nested as flat", async () => {
    const nested = chain("all", mark("a"), chain("inner", mark("b"), mark("c")))
    assert.equal(await bind(nested, tail).say(""), ">a>b>c<c<b<a")
  })

  it("passes everything through when it is empty", async () => {
    assert.equal(await bind(chain<Words>("none"), tail).say("x"), "x")
  })

  it("passes calls through that a part leaves out", async () => {
    const spelt = await Array.fromAsync(bind(mark("a"), tail).spell("ab"))
    assert.deepEqual(spelt, ["a", "b"])
  })

  it("binds its parts once, not per call", async () => {
    let count = 0
    const counting = element<Words>("counting", () => {
      count += 1
      return {}
    })
    const service = bind(chain("all", counting), tail)
    await service.say("x")
    await service.say("x")
    assert.equal(count, 1)
  })

  it("does not follow a change of the list that it was made from", async () => {
    const parts = [mark("a")]
    const made = chain("made", ...parts)
    parts.push(mark("b"))
    assert.equal(await bind(made, tail).say(""), ">a<a")
  })
})

describe("bind", () => {
  const failure = new NsmError("PEER_FAILED", "no answer")

  it("names the element in which an error arose, and no other", async () => {
    const service = bind(chain("all", mark("outer"), failing("inner", failure)), tail)
    await assert.rejects(service.say("x"), { element: "inner", text: "no answer" })
  })

  it("names it for what is thrown at once too", () => {
    const service = bind(failing("inner", failure), tail)
    assert.throws(() => service.spell("x"), { element: "inner" })
  })

  it("makes an NsmError of any other error", async () => {
    const service = bind(failing("inner", new TypeError("x is undefined")), tail)
    await assert.rejects(service.say("x"), {
      name: "NsmError",
      reason: "INTERNAL",
      element: "inner",
      text: "x is undefined",
    })
  })
})

describe("outline", () => {
  it("lists the parts in order, each level further in", () => {
    const branch = element<Words>("switch", () => ({}), [mark("left"), mark("right")])
    assert.equal(
      outline(chain("all", mark("a"), chain("inner", mark("b")), branch)),
      ["all", "  a", "  inner", "    b", "  switch", "    left", "    right"].join("\n"),
    )
  })
})
