import { demo } from "../wave/demo/demo.ts"
import type { CommandKit } from "./command-kit.ts"
import { exitCodes } from "./exit-code.ts"
import { live } from "./live.ts"

/** Adds the command that plays a wave with made-up packages. */
export function demoCommand({ command, json, print, signal }: CommandKit): void {
  command(
    "demo",
    "play a wave, a red stage, its chase-back and the fix, with made-up packages",
  ).action(async ({ output }: { output: string }) => {
    using progress = live({ stream: process.stderr })
    const { tell, say } = progress
    const { expectations, waves } = await demo({ signal, onProgress: tell, say })
    if (expectations.some(({ isMet }) => !isMet)) process.exitCode = exitCodes.failed
    progress[Symbol.dispose]()
    if (output === "json") return json({ expectations, waves })
    print(expectations.map(({ text, isMet }) => `${isMet ? "✔" : "✘"} ${text}`).join("\n"))
  })
}
