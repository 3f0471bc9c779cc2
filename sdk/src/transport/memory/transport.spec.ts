import { FakeClock } from "../../testing/fake-clock.ts"
import { transportContract } from "../../testing/transport-contract.ts"
import type { Transport } from "../transport.ts"
import { MemoryNetwork } from "./network.ts"
import { memoryTransport } from "./transport.ts"

transportContract("memory on virtual time", async () => {
  const clock = new FakeClock()
  const network = new MemoryNetwork()
  const transports: Transport[] = []
  let count = 0
  return {
    clock,
    url: () => `memory://place-${count++}`,
    transport(name) {
      const transport = memoryTransport({ name, network, clock, shutdownTimeoutMs: 200 })
      transports.push(transport)
      return transport
    },
    pass: (ms) => clock.advance(ms),
    async [Symbol.asyncDispose]() {
      const gone = Promise.all(transports.map((transport) => transport[Symbol.asyncDispose]()))
      await clock.advance(200)
      await gone
    },
  }
})
