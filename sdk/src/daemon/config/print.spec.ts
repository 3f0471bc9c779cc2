import assert from "node:assert/strict"
import { unused } from "./common-settings.ts"
import { text } from "./kinds.ts"
import { configJson, configText, configurationTable } from "./print.ts"

const settings = {
  name: { env: "NSM_NAME", kind: text, default: "nsc", description: "Either | or" },
  telemetry: unused("TELEMETRY", "", "Tracing"),
} as const

describe("printed settings", () => {
  it("make an aligned table for a README", () => {
    assert.equal(
      configurationTable(settings),
      [
        "| Variable    | Default | Meaning                          |",
        "| ----------- | ------- | -------------------------------- |",
        "| `NSM_NAME`  | `nsc`   | Either \\| or                     |",
        "| `TELEMETRY` |         | Tracing (accepted, not used yet) |",
      ].join("\n"),
    )
  })

  it("make lines that a shell reads", () => {
    const effective = [
      { env: "NSM_NAME", value: "it's me", source: "environment", isUnused: false },
      { env: "TELEMETRY", value: "", source: "default", isUnused: true },
    ] as const
    assert.equal(
      configText(effective),
      "NSM_NAME='it'\\''s me'  # environment\nTELEMETRY=             # default, not used yet\n",
    )
    assert.deepEqual(JSON.parse(configJson(effective)), { version: 1, settings: effective })
  })
})
