import { setTimeout as wait } from "node:timers/promises"
import { NsmError } from "@nsm/sdk"
import { ask } from "../session/control.ts"
import { removeDirectory, sessionDirectory } from "../session/directory.ts"
import { livePlaygrounds } from "../session/playgrounds.ts"
import { liveRecord } from "../session/record.ts"
import type { Context } from "./command.ts"

/** How long a playground may take to end in order before it is ended by force. */
const orderlyMs = 30_000
const forcedMs = 5_000

/** Ends a playground and removes its folder. Harmless when there is none. */
export async function down(name: string, { progress }: Pick<Context, "progress">): Promise<void> {
  const directory = sessionDirectory(name)
  const record = await liveRecord(directory)
  // Whoever still brings it up takes it away when interrupted.
  if (record?.isStarting) process.kill(record.pid, "SIGINT")
  if (record) {
    await Promise.race([
      ask(directory, "down", {}, progress.step).catch(() => undefined),
      wait(orderlyMs, undefined, { ref: false }),
    ])
    const gone = async (limitMs: number): Promise<boolean> => {
      for (let waited = 0; waited < limitMs; waited += 20) {
        if (!(await liveRecord(directory))) return true
        await wait(20)
      }
      return false
    }
    if (!(await gone(forcedMs))) {
      process.kill(record.pid, "SIGKILL")
      if (!(await gone(forcedMs))) {
        throw new NsmError(
          "DEADLINE_EXCEEDED",
          `the playground "${name}" (process ${record.pid}) does not end`,
        )
      }
    }
  } else {
    const others = await livePlaygrounds()
    const which = others.length > 0 ? `; those that are: ${others.join(", ")}` : ""
    progress.step(`no playground "${name}" is up${which}`)
  }
  await removeDirectory(directory)
}
