import assert from "node:assert/strict"
import type { ChildProcess } from "node:child_process"
import { once } from "node:events"
import { echo } from "../icmp/echo.ts"
import { createNamespace } from "../namespace/create-namespace.ts"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"

/** A process in a namespace of its own, or in a given one; it ends when it is disposed. */
export interface Workload extends AsyncDisposable {
  /** Leads to its namespace while it runs. */
  readonly url: string
}

/** Starts a process that does nothing. */
export async function workload(namespace?: NetworkNamespace): Promise<Workload> {
  const home = namespace ?? createNamespace()
  const child: ChildProcess = home.spawn("sleep", ["600"], { stdio: "ignore" })
  await once(child, "spawn")
  if (!namespace) home[Symbol.dispose]()
  return {
    url: `file:///proc/${child.pid}/ns/net`,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const end = once(child, "exit")
      child.kill("SIGKILL")
      await end
    },
  }
}

/** Asserts that an echo request from a namespace is answered. */
export async function passes(from: NetworkNamespace, destination: string): Promise<void> {
  const { received, failure } = await echo({ namespace: from, destination, timeoutMs: 2000 })
  assert.equal(received, 1, failure?.message ?? `no answer from ${destination}`)
}
