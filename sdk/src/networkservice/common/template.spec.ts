import assert from "node:assert/strict"
import fc from "fast-check"
import { fillTemplate } from "./template.ts"

describe("fillTemplate", () => {
  const labels = { nodeName: "node-1", app: "x", "with-hyphen": "y" }
  const filled: readonly (readonly [template: string, text: string])[] = [
    ["plain", "plain"],
    ["", ""],
    ["{{.nodeName}}", "node-1"],
    ["{{ .nodeName }}", "node-1"],
    ["a-{{.app}}-{{.nodeName}}-b", "a-x-node-1-b"],
    ["{{.missing}}", "<no value>"],
    ["{{.toString}}", "<no value>"],
    ['{{ index . "with-hyphen" }}', "y"],
    ["{{ index . `with-hyphen` }}", "y"],
    ['{{index . "missing"}}', ""],
    ['{{index . "}}"}}', ""],
    ["a  {{- .app -}}  b", "axb"],
    ["a  {{- .app}}  b", "ax  b"],
    ["}} {{.app}}", "}} x"],
  ]
  for (const [template, text] of filled) {
    it(`fills ${JSON.stringify(template)}`, () => {
      assert.equal(fillTemplate(template, labels), text)
    })
  }

  for (const template of [
    "{{",
    "{{.app",
    "{{.with-hyphen}}",
    "{{.app.more}}",
    "{{nothing}}",
    "{{}}",
    "{{ index . app }}",
    "{{.app}} {{",
  ]) {
    it(`does not understand ${template}`, () => {
      assert.equal(fillTemplate(template, labels), undefined)
    })
  }

  it("reads no template that is very long", () => {
    assert.equal(fillTemplate("{{.app}}".padEnd(1025), labels), undefined)
  })

  it("takes any text", () => {
    const text = fc.array(
      fc.constantFrom("{{", "}}", "-", " ", ".", "app", '"', "`", "index", "\\"),
    )
    fc.assert(
      fc.property(text, (parts) => {
        const filled = fillTemplate(parts.join(""), labels)
        assert.ok(filled === undefined || !filled.includes("{{") || parts.includes('"'))
      }),
    )
  })
})
