import { drive, ownIdentity } from "@nsm/integration-netns"
import {
  bind,
  client,
  grant,
  grpcTransport,
  type NetworkService,
  silentLog,
  systemClock,
  systemRandom,
  withCall,
} from "@nsm/sdk"
import type { Mesh } from "../lab/mesh.ts"
import { type Crowd, crowdRequest, requestLimitMs } from "./load.ts"

/** How many are closed at once. */
const closing = 16

/** Clients of ours, all in this process. */
export async function ownCrowd({ trust, managerUrl }: Mesh): Promise<Crowd> {
  const identity = await ownIdentity(await trust.socketOf("our-crowd"))
  const end = new AbortController()
  let serial = 0

  const newClient = (open: AsyncDisposableStack): NetworkService => {
    const name = "our-client"
    const transport = open.use(grpcTransport({ name, ...identity.connections }))
    const { policies } = identity
    const { signal } = end
    const random = systemRandom
    return bind(client({ name, connectTo: managerUrl, transport, policies, random, signal }), grant)
  }

  return {
    async ask({ clients, count }) {
      await using open = new AsyncDisposableStack()
      const free = Array.from({ length: clients }, () => newClient(open))
      const failures: string[] = []
      const closes: (() => Promise<void>)[] = []
      const timesMs: number[] = []
      const { perSecond } = await drive({ count, inFlight: clients }, async () => {
        const service = free.pop()
        if (!service) throw new Error("more ask at once than there are clients")
        const request = crowdRequest(`our-client-${serial++}`)
        const from = performance.now()
        try {
          const granted = await inCall((call) => service.request(request, call))
          timesMs.push(performance.now() - from)
          closes.push(() => inCall((call) => service.close(granted, call)))
        } catch (failure) {
          failures.push(String(failure))
        }
        free.push(service)
      })
      await drive(
        { count: closes.length, inFlight: closing },
        async (index) => await closes[index]?.(),
      )
      return { timesMs, seconds: count / perSecond, failures }
    },
    async [Symbol.asyncDispose]() {
      end.abort()
      await identity[Symbol.asyncDispose]()
    },
  }
}

function inCall<T>(run: Parameters<typeof withCall<T>>[1]): Promise<T> {
  return withCall({ clock: systemClock, log: silentLog, timeoutMs: requestLimitMs }, run)
}
