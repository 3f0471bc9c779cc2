import assert from "node:assert/strict"
import { NsmError } from "../../core/errors.ts"
import { unused } from "./common-settings.ts"
import { duration, integer, optional } from "./kinds.ts"
import { readConfig } from "./read-config.ts"
import type { Settings } from "./setting.ts"
import { dialUrl } from "./urls.ts"

const settings = {
  timeoutMs: { env: "NSM_DIAL_TIMEOUT", kind: duration, default: "5s", description: "" },
  mtu: { env: "NSM_MTU", kind: integer, default: "1500", description: "" },
  registryUrl: {
    env: "NSM_REGISTRY_URL",
    kind: optional(dialUrl),
    default: "tcp://localhost:5001",
    description: "",
  },
  profiler: unused("NSM_PPROF_ENABLED", "false", ""),
  tokens: unused("NSM_SRIOV_TOKENS_*", "", ""),
} as const satisfies Settings

describe("readConfig", () => {
  it("takes defaults where nothing is set, and says so", () => {
    const { values, effective } = readConfig(settings, { NSM_MTU: "9000" })
    assert.equal(values.timeoutMs, 5000)
    assert.equal(values.mtu, 9000)
    assert.deepEqual(
      effective.map(({ source }) => source),
      ["default", "environment", "default", "default", "default"],
    )
  })

  it("takes a variable that is set to nothing as it stands", () => {
    assert.equal(readConfig(settings, { NSM_REGISTRY_URL: "" }).values.registryUrl, undefined)
  })

  it("accepts any value of a setting that is not used yet", () => {
    assert.ok(readConfig(settings, { NSM_PPROF_ENABLED: "whatever" }))
  })

  it("tells of every wrong value at once", () => {
    assert.throws(
      () => readConfig(settings, { NSM_DIAL_TIMEOUT: "5 s", NSM_MTU: "" }),
      (failure) =>
        failure instanceof NsmError &&
        failure.reason === "INVALID_CONFIGURATION" &&
        failure.text ===
          'NSM_DIAL_TIMEOUT="5 s": expected a duration such as 750ms, 10m or 1h30m; ' +
            'NSM_MTU="": expected a whole number such as 9000',
    )
  })

  it("finds unknown variables and what was probably meant", () => {
    const environment = {
      NSM_DIAL_TIMOUT: "5s",
      NSM_COLOUR_OF_THE_SKY: "blue",
      NSM_SRIOV_TOKENS_A: "a",
      DIAL_TIMEOUT: "5s",
    }
    assert.deepEqual(readConfig(settings, environment).unknown, [
      { variable: "NSM_COLOUR_OF_THE_SKY" },
      { variable: "NSM_DIAL_TIMOUT", didYouMean: "NSM_DIAL_TIMEOUT" },
    ])
  })
})
