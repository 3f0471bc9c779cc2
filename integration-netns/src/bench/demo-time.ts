import { CommandLine } from "../lab/command-line.ts"
import type { Bench } from "./bench.ts"

/** Times the whole demo, from the start of the command to its end. */
export const demoTime: Bench = async ({ step }) => {
  step("running the demo")
  await using nsm = await CommandLine.open()
  const from = performance.now()
  const { code, stderr } = await nsm.run("demo", "-o", "json")
  const value = (performance.now() - from) / 1000
  if (code !== 0) throw new Error(`the demo failed:\n${stderr}`)
  return [
    {
      name: "the demo",
      measured: "nsm demo, start to end",
      value,
      unit: "s",
      target: { atMost: 60 },
    },
  ]
}
