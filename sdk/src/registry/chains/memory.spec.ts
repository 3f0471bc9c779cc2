import { mkdtempDisposable } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { FakeClock } from "../../testing/fake-clock.ts"
import { registryContract, type RegistryWorld } from "../../testing/registry-contract.ts"
import { grpcTransport } from "../../transport/grpc/transport.ts"
import { MemoryNetwork } from "../../transport/memory/network.ts"
import { memoryTransport } from "../../transport/memory/transport.ts"
import { expose, type Transport } from "../../transport/transport.ts"
import { connectRegistries } from "../common/connect.ts"
import { networkServiceEndpointRegistryWire, networkServiceRegistryWire } from "../service.ts"
import { memoryRegistries } from "./memory.ts"

registryContract("memory", async () => {
  const clock = new FakeClock()
  const controller = new AbortController()
  return {
    clock,
    registries: memoryRegistries({ clock, signal: controller.signal }),
    pass: (ms) => clock.advance(ms),
    [Symbol.asyncDispose]: async () => controller.abort(),
  }
})

registryContract("memory behind the in-memory transport", async () => {
  const clock = new FakeClock()
  const network = new MemoryNetwork()
  const server = memoryTransport({ name: "registry", network, clock })
  const client = memoryTransport({ name: "client", network, clock })
  return await behind(server, client, "memory://registry", clock)
})

registryContract("memory behind gRPC", async () => {
  const dir = await mkdtempDisposable(join(tmpdir(), "nsm-"))
  const clock = new FakeClock()
  const server = grpcTransport({ name: "registry", clock })
  const client = grpcTransport({ name: "client", clock })
  const url = `unix://${dir.path}/registry.sock`
  return await behind(server, client, url, clock, () => dir.remove())
})

async function behind(
  server: Transport,
  client: Transport,
  url: string,
  clock: FakeClock,
  cleanUp = async (): Promise<void> => {},
): Promise<RegistryWorld> {
  const controller = new AbortController()
  const { services, endpoints } = memoryRegistries({ clock, signal: controller.signal })
  await server.listen(url, [
    expose(networkServiceRegistryWire, services),
    expose(networkServiceEndpointRegistryWire, endpoints),
  ])
  return {
    clock,
    registries: connectRegistries({ transport: client, url }),
    pass: (ms) => clock.advance(ms),
    async [Symbol.asyncDispose]() {
      controller.abort()
      await client[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
      await cleanUp()
    },
  }
}
