import type { Daemon } from "./daemon.ts"
import type { WireStatus } from "./status.ts"

/** What a client's daemon says of its connections. */
export async function wiresOf(daemon: Daemon): Promise<WireStatus[]> {
  const page = await daemon.get("/connections").catch(() => undefined)
  return page === undefined ? [] : (JSON.parse(page) as WireStatus[])
}
