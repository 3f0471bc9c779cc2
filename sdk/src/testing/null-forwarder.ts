import { create } from "@bufbuild/protobuf"
import { NetworkServiceEndpointSchema } from "@nsm/api"
import { bind, element, type Element } from "../core/chain.ts"
import { type Clock, systemClock } from "../core/clock.ts"
import { silentLog } from "../core/log.ts"
import { type Random, systemRandom } from "../core/random.ts"
import { withCall } from "../core/call.ts"
import { unsignedTokens } from "../identity/token.ts"
import { passthrough } from "../networkservice/chains/endpoint.ts"
import { connect } from "../networkservice/common/connect/connect.ts"
import { discover } from "../networkservice/common/discover.ts"
import { relayMonitor } from "../networkservice/common/relay-monitor/relay-monitor.ts"
import { roundRobin } from "../networkservice/common/round-robin.ts"
import { sendToken } from "../networkservice/common/send-token.ts"
import { kernelPreference } from "../networkservice/mechanisms/kernel.ts"
import { mechanismTranslation } from "../networkservice/mechanisms/mechanism-translation.ts"
import { mechanisms } from "../networkservice/mechanisms/mechanisms.ts"
import { type NetworkService, networkServiceWire } from "../networkservice/service.ts"
import { grant } from "../networkservice/tail.ts"
import {
  networkServiceEndpointRegistryWire,
  networkServiceRegistryWire,
} from "../registry/service.ts"
import { expose, type Transport } from "../transport/transport.ts"

/** Where a forwarder without a data plane stands. */
export interface NullForwarderOptions {
  readonly name: string
  readonly transport: Transport
  /** Where it listens. */
  readonly url: string
  readonly managerUrl: string
  /** @default systemClock */
  readonly clock?: Clock
  /** @default systemRandom */
  readonly random?: Random
}

/** Starts a forwarder that grants kernel wires without making any, and registers it for a minute. */
export async function nullForwarder({
  name,
  transport,
  url,
  managerUrl,
  clock = systemClock,
  random = systemRandom,
}: NullForwarderOptions): Promise<AsyncDisposable> {
  const ending = new AbortController()
  const { signal } = ending
  const tokens = unsignedTokens({ clock })
  const registries = {
    services: transport.client(managerUrl, networkServiceRegistryWire),
    endpoints: transport.client(managerUrl, networkServiceEndpointRegistryWire),
  }
  const chain = passthrough(
    { name, tokens, random, signal },
    mechanisms({ KERNEL: nothing("null-kernel") }),
    discover({ registries }),
    roundRobin(),
    mechanismTranslation(),
    kernelPreference(),
    relayMonitor({ name, signal }),
    sendToken({ tokens }),
    connect({ transport }),
  )
  const service = bind(chain, grant)
  const listener = await transport.listen(url, [expose(networkServiceWire, service)])
  const networkServiceNames = ["forwarder"]
  const entry = create(NetworkServiceEndpointSchema, { name, url, networkServiceNames })
  await withCall({ clock, log: silentLog, timeoutMs: 10_000 }, (call) =>
    registries.endpoints.register(entry, call),
  )
  return {
    async [Symbol.asyncDispose]() {
      ending.abort()
      await listener[Symbol.asyncDispose]()
    },
  }
}

function nothing(name: string): Element<NetworkService> {
  return element(name, () => ({}))
}
