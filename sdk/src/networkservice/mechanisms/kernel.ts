import { create } from "@bufbuild/protobuf"
import {
  type Mechanism,
  MechanismClass,
  MechanismParameter,
  MechanismSchema,
  MechanismType,
} from "@nsm/api"
import { element, type Element } from "../../core/chain.ts"
import type { Random } from "../../core/random.ts"
import { connectionKey } from "../common/connection-state.ts"
import { connectionOf, withConnection } from "../connection.ts"
import type { NetworkService } from "../service.ts"
import { checkInterfaceName, generateInterfaceName } from "../../tools/interface-name.ts"

/** What a client says about the interface it wants; a forwarder says nothing. */
export interface KernelPreferenceOptions {
  /** Network namespace that the interface goes to. @default not said */
  readonly namespaceUrl?: string
  /** Name where a preference has none. @default generated if there is `random`, else not said */
  readonly interfaceName?: string
  /** Chance for generated names. @default no name is generated */
  readonly random?: Random
}

/**
 * Offers the next hop a kernel interface, or completes the kernel interfaces already offered.
 *
 * Placement: before `filterMechanisms`. Once a mechanism is granted it has nothing to add.
 */
export function kernelPreference({
  namespaceUrl,
  interfaceName,
  random,
}: KernelPreferenceOptions = {}): Element<NetworkService> {
  if (interfaceName !== undefined) checkInterfaceName(interfaceName)
  return element("kernel-preference", (next) => ({
    async request(request, call) {
      const { mechanism, networkService } = connectionOf(request)
      if (mechanism) return next.request(request, call)
      const complete = (offered: Mechanism): Mechanism => {
        const name =
          offered.parameters[MechanismParameter.name] ||
          interfaceName ||
          (random && generateInterfaceName(networkService, random))
        return withParameters(offered, {
          ...(name !== undefined && { [MechanismParameter.name]: checkInterfaceName(name) }),
          ...(namespaceUrl !== undefined && { [MechanismParameter.inodeUrl]: namespaceUrl }),
        })
      }
      const offered = request.mechanismPreferences
      const mechanismPreferences = offered.some(isKernel)
        ? offered.map((preference) => (isKernel(preference) ? complete(preference) : preference))
        : [...offered, complete(kernelMechanism())]
      return next.request({ ...request, mechanismPreferences }, call)
    },
  }))
}

/** What an endpoint says about its side of a kernel interface. */
export interface KernelEndpointOptions {
  /** Network namespace of the endpoint. */
  readonly namespaceUrl: string
  /** Chance for generated names. */
  readonly random: Random
}

/**
 * Says in which namespace the endpoint's side of the interface goes, and under which name. A forwarder
 * that has started anew and does not know the name any more is told the same one.
 *
 * Placement: the branch KERNEL of an endpoint's `mechanisms`.
 */
export function kernelEndpoint({
  namespaceUrl,
  random,
}: KernelEndpointOptions): Element<NetworkService> {
  // Chance alone gives two wires the same name sooner than one would think: four characters of 36
  // collide once in ten for 600 wires.
  const taken = new Set<string>()
  const held = connectionKey<string>("endpoint-interface")
  const unused = (networkService: string): string => {
    let name = generateInterfaceName(networkService, random)
    for (let tries = 1; taken.has(name) && tries < mostTries; tries++) {
      name = generateInterfaceName(networkService, random)
    }
    return name
  }
  return element("kernel-endpoint", (next) => ({
    async request(request, call) {
      const { mechanism = kernelMechanism(), networkService } = connectionOf(request)
      const given = mechanism.parameters[MechanismParameter.name]
      const known = held.get(call)
      const name = checkInterfaceName(given || (known ?? unused(networkService)))
      const completed = withParameters(mechanism, {
        [MechanismParameter.name]: name,
        [MechanismParameter.inodeUrl]: namespaceUrl,
      })
      const isNew = !taken.has(name)
      taken.add(name)
      try {
        const granted = await next.request(withConnection(request, { mechanism: completed }), call)
        if (known !== undefined && known !== name) taken.delete(known)
        held.set(call, name)
        return granted
      } catch (failure) {
        if (isNew) taken.delete(name)
        throw failure
      }
    },
    async close(connection, call) {
      taken.delete(held.take(call) ?? "")
      await next.close(connection, call)
    },
  }))
}

/** Beyond, the forwarder will say that the name is taken. */
const mostTries = 32

function kernelMechanism(): Mechanism {
  return create(MechanismSchema, { cls: MechanismClass.LOCAL, type: MechanismType.KERNEL })
}

function isKernel({ type }: Mechanism): boolean {
  return type === MechanismType.KERNEL
}

function withParameters(mechanism: Mechanism, added: Record<string, string>): Mechanism {
  return { ...mechanism, parameters: { ...mechanism.parameters, ...added } }
}
