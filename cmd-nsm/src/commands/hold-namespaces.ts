import { open } from "node:fs/promises"
import { ask } from "../session/control.ts"
import type { SessionDirectory } from "../session/directory.ts"
import { liveRecord } from "../session/record.ts"

/**
 * Keeps a playground's namespaces after its end, with nothing in them: the kernel would give their
 * inode numbers to the next playground at once, whose processes would look like leftovers.
 */
export async function holdNamespaces(directory: SessionDirectory): Promise<AsyncDisposable> {
  const record = await liveRecord(directory)
  const descriptors = await ask<Record<string, number>>(directory, "namespaces")
  const held = await Promise.all(
    Object.values(descriptors).map((fd) => open(`/proc/${record?.pid ?? 0}/fd/${fd}`)),
  )
  return {
    async [Symbol.asyncDispose]() {
      await Promise.all(held.map((file) => file.close()))
    },
  }
}
