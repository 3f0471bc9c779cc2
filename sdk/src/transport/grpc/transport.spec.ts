import { mkdtempDisposable } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { systemClock } from "../../core/clock.ts"
import { transportContract, type TransportWorld } from "../../testing/transport-contract.ts"
import type { Transport } from "../transport.ts"
import { grpcTransport } from "./transport.ts"

transportContract("gRPC over unix sockets", async () => {
  const dir = await mkdtempDisposable(join(tmpdir(), "nsm-"))
  let count = 0
  return world(
    () => `unix://${dir.path}/deep/er/${count++}.sock`,
    () => dir.remove(),
  )
})

transportContract("gRPC over TCP", async () => world(() => "tcp://127.0.0.1:0"))

function world(url: () => string, cleanUp = async (): Promise<void> => {}): TransportWorld {
  const transports: Transport[] = []
  return {
    clock: systemClock,
    url,
    transport(name) {
      const transport = grpcTransport({ name, dialTimeoutMs: 1000, shutdownTimeoutMs: 200 })
      transports.push(transport)
      return transport
    },
    pass: (ms) => setTimeout(ms),
    async [Symbol.asyncDispose]() {
      await Promise.all(transports.map((transport) => transport[Symbol.asyncDispose]()))
      await cleanUp()
    },
  }
}
