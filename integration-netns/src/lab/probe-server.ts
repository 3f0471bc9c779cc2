import { createServer } from "node:http"
import { setImmediate as turn } from "node:timers/promises"
import { isMainThread } from "node:worker_threads"
import { type Holdings, threadProbe } from "./holdings.ts"

// Loaded into a process of the lab before its program, with --expose-gc, and into its thread, if it has
// one. Says what either holds after all garbage has been collected.

const path = process.env["LAB_PROBE"]
if (path !== undefined) {
  createServer((_request, response) => {
    holdings().then(
      (holds) => response.end(JSON.stringify(holds)),
      () => response.destroy(),
    )
  })
    .listen(isMainThread ? path : threadProbe(path))
    .unref()
}

async function holdings(): Promise<Holdings> {
  // Finalizers run between collections, and what they let go of is garbage of the next one.
  for (let round = 0; round < 4; round++) {
    globalThis.gc?.()
    await turn()
  }
  const { heapUsed, external, rss } = process.memoryUsage()
  const resources: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1
  return { heapBytes: heapUsed + external, residentBytes: rss, resources }
}
