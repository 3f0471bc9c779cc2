import type { Status } from "@nsm/cmd-nsm"
import type { CommandLine } from "@nsm/integration-netns"
import { succeeded } from "./succeeded.ts"

/** How a playground stands, the only one unless it is named. */
export async function statusOf(nsm: CommandLine, name?: string): Promise<Status> {
  const which = name === undefined ? [] : ["-n", name]
  return JSON.parse(succeeded(await nsm.run("status", ...which, "-o", "json"))) as Status
}
