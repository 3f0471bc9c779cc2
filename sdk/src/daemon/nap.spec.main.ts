import { sleep } from "../core/clock.ts"
import { NsmError } from "../core/errors.ts"
import { commonSettings, duration, oneOf, runDaemon } from "./index.ts"

// A daemon for the spec of runDaemon, which starts it as a process.
await runDaemon({
  command: "nap",
  manifest: new URL("../../package.json", import.meta.url),
  settings: {
    ...commonSettings({ name: "nap" }),
    lengthMs: {
      env: "NSM_LENGTH",
      kind: duration,
      default: "1h",
      description: "How long it naps",
    },
    mood: {
      env: "NSM_MOOD",
      kind: oneOf("calm", "failing", "throwing", "hanging", "dreaming"),
      default: "calm",
      description: "What goes wrong",
    },
  },
  async start({ clock, config: { lengthMs, mood }, defer, readiness, tasks }) {
    if (mood === "failing") throw new NsmError("PEER_UNREACHABLE", "nobody is awake")
    if (mood === "throwing") setTimeout(() => thrown(), 1)
    if (mood === "hanging") defer("the bed", () => new Promise(() => {}))
    if (mood === "dreaming") await sleep(clock, lengthMs)
    readiness.needs("bed").met()
    tasks.run("nap", (signal) => sleep(clock, lengthMs, signal))
    return { lengthMs }
  },
})

function thrown(): never {
  throw new Error("fell out of bed")
}
