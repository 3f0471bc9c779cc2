import { leaseFile, type LeaseStore, noLeaseStore } from "@nsm/sdk"
import type { Daemon } from "@nsm/sdk/daemon"
import type { settings } from "./config.ts"

/** Where the addresses that clients have are kept over a restart; nowhere unless a file is set. */
export async function keptLeases({
  config: { name: owner, ipamStateFile: path },
  clock,
  log,
  use,
}: Daemon<typeof settings>): Promise<LeaseStore> {
  return path === "" ? noLeaseStore : use("leases", await leaseFile({ path, owner, clock, log }))
}
