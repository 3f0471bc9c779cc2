import type { Daemon } from "./daemon.ts"
import type { WireStatus } from "./status.ts"

/** What a client's daemon says of its connections. */
export async function wiresOf(client: string, daemon: Daemon): Promise<WireStatus[]> {
  const page = await daemon.get("/connections").catch(() => undefined)
  if (page === undefined) return []
  void client
  return JSON.parse(page) as WireStatus[]
}
