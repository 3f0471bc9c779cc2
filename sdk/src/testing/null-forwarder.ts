import { create } from "@bufbuild/protobuf"
import { NetworkServiceEndpointSchema } from "@nsm/api"
import { withCall } from "../core/call.ts"
import { bind } from "../core/chain.ts"
import { systemClock } from "../core/clock.ts"
import { silentLog } from "../core/log.ts"
import { systemRandom } from "../core/random.ts"
import { unsignedTokens } from "../identity/token.ts"
import { networkServiceWire } from "../networkservice/service.ts"
import { grant } from "../networkservice/tail.ts"
import { connectRegistries } from "../registry/common/connect.ts"
import { expose, type Transport } from "../transport/transport.ts"
import { wirelessForwarder } from "./domain/forwarder.ts"

/** Where a forwarder without a data plane stands. */
export interface NullForwarderOptions {
  readonly name: string
  readonly transport: Transport
  /** Where it listens. */
  readonly url: string
  readonly managerUrl: string
}

/** Starts a forwarder that grants wires without making any, and registers it for a minute. */
export async function nullForwarder({
  name,
  transport,
  url,
  managerUrl,
}: NullForwarderOptions): Promise<AsyncDisposable> {
  const ending = new AbortController()
  const registries = connectRegistries({ transport, url: managerUrl })
  const chain = wirelessForwarder({
    ...{ name, transport, registries, clock: systemClock, tunnelIp: "127.0.0.1", observers: [] },
    ...{ tokens: unsignedTokens(), random: systemRandom, signal: ending.signal },
  })
  const service = expose(networkServiceWire, bind(chain, grant))
  const listener = await transport.listen(url, [service])
  const networkServiceNames = ["forwarder"]
  const entry = create(NetworkServiceEndpointSchema, { name, url, networkServiceNames })
  await withCall({ clock: systemClock, log: silentLog, timeoutMs: 10_000 }, (call) =>
    registries.endpoints.register(entry, call),
  )
  return {
    async [Symbol.asyncDispose]() {
      ending.abort()
      await listener[Symbol.asyncDispose]()
    },
  }
}
