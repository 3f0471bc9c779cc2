import { bind } from "../core/chain.ts"
import { systemClock } from "../core/clock.ts"
import { systemRandom } from "../core/random.ts"
import { unsignedTokens } from "../identity/token.ts"
import { nsmgr } from "../networkservice/chains/nsmgr.ts"
import { networkServiceWire } from "../networkservice/service.ts"
import { grant } from "../networkservice/tail.ts"
import { managerRegistries, type ManagerRegistriesOptions } from "../registry/chains/nsmgr.ts"
import {
  networkServiceEndpointRegistryWire,
  networkServiceRegistryWire,
  type Registries,
} from "../registry/service.ts"
import { expose, type Transport } from "../transport/transport.ts"
import { nullForwarder } from "./null-forwarder.ts"

/** Where a node without a data plane stands. */
export interface NullNodeOptions {
  readonly transport: Transport
  readonly managerUrl: string
  readonly forwarderUrl: string
  /** What else is done to endpoints that register, such as taking their sockets. @default nothing */
  readonly endpointElements?: NonNullable<ManagerRegistriesOptions["endpointElements"]>
}

/** A node that grants wires without making any. */
export interface NullNode extends AsyncDisposable {
  /** What is registered on it. */
  readonly registries: Registries
}

/** Starts the manager `nsmgr` and the forwarder `forwarder` in this process, for daemons to meet. */
export async function nullNode({
  transport,
  managerUrl,
  forwarderUrl,
  endpointElements = [],
}: NullNodeOptions): Promise<NullNode> {
  await using started = new AsyncDisposableStack()
  const ending = started.adopt(new AbortController(), (controller) => controller.abort())
  const hop = { tokens: unsignedTokens(), random: systemRandom, signal: ending.signal }
  const publicUrl = managerUrl
  const known = { ...hop, publicUrl, endpointElements, clock: systemClock }
  const registries = managerRegistries(known)
  const chain = nsmgr({ name: "nsmgr", ...hop, transport, registries, publicUrl })
  const services = [
    expose(networkServiceWire, bind(chain, grant)),
    expose(networkServiceRegistryWire, registries.services),
    expose(networkServiceEndpointRegistryWire, registries.endpoints),
  ]
  started.use(await transport.listen(managerUrl, services))
  started.use(await nullForwarder({ name: "forwarder", transport, url: forwarderUrl, managerUrl }))
  const node = started.move()
  return { registries, [Symbol.asyncDispose]: () => node.disposeAsync() }
}
