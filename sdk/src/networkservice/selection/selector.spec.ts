import assert from "node:assert/strict"
import { selector } from "./selector.ts"

describe("selector", () => {
  it("takes labels that have all that is wanted", () => {
    assert.equal(selector({ a: "1" }, {})({ a: "1", b: "2" }), undefined)
    assert.equal(selector({}, {})({}), undefined)
  })

  it("names the first label that is missing or has another value", () => {
    assert.deepEqual(selector({ a: "1" }, {})({}), { label: "a", wanted: "1" })
    assert.deepEqual(selector({ a: "" }, {})({}), { label: "a", wanted: "" })
    const wanted = { a: "1", b: "2", c: "3" }
    const misfit = { label: "b", wanted: "2", has: "x" }
    assert.deepEqual(selector(wanted, {})({ a: "1", b: "x", c: "y" }), misfit)
  })

  it("takes no label for there that an object has from birth", () => {
    const misfit = { label: "constructor", wanted: "x" }
    assert.deepEqual(selector({ constructor: "x" }, {})({}), misfit)
  })

  it("fills templates with the client's labels", () => {
    const wanted = { nodeName: "{{.nodeName}}" }
    const onNode1 = selector(wanted, { nodeName: "n1" })
    assert.equal(onNode1({ nodeName: "n1" }), undefined)
    const misfit = { label: "nodeName", wanted: "n1", has: "n2" }
    assert.deepEqual(onNode1({ nodeName: "n2" }), misfit)
    assert.equal(selector(wanted, {})({ nodeName: "<no value>" }), undefined)
  })

  it("takes a template's own text, and text that is no template", () => {
    assert.equal(selector({ a: "{{.b}}" }, { b: "1" })({ a: "{{.b}}" }), undefined)
    assert.equal(selector({ a: "{{" }, {})({ a: "{{" }), undefined)
  })
})
