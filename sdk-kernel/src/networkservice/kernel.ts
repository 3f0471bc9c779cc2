import { MechanismParameter } from "@nsm/api"
import {
  checkInterfaceName,
  element,
  type Element,
  established,
  formerVni,
  type NetworkService,
  NsmError,
} from "@nsm/sdk"
import { aliasOf } from "../wiring/identity.ts"

/** An interface that is where one shall be made. */
export interface FoundInterface {
  /** Which wire's end it is, as `aliasOf` names it; undefined if it is not to be touched. */
  readonly alias: string | undefined
  /** Of a VXLAN interface, its identifier. */
  readonly vni?: number | undefined
}

/** Looks into workloads' namespaces. */
export interface Interfaces {
  /**
   * The interface of that name; undefined when the namespace has none. Fails with
   * NAMESPACE_NOT_FOUND when the URL leads nowhere.
   */
  find(namespace: string, name: string): Promise<FoundInterface | undefined>
}

/**
 * Checks that the interface that a client asks for can be made, before anybody else is bothered.
 *
 * Placement: the branch KERNEL of a forwarder's `mechanisms`; `crossConnect` makes the interface.
 */
export function kernel({ interfaces }: { interfaces: Interfaces }): Element<NetworkService> {
  return element("kernel", (next) => ({
    async request(request, call) {
      const { connection } = request
      const { parameters = {} } = connection?.mechanism ?? {}
      const name = checkInterfaceName(parameters[MechanismParameter.name] ?? "")
      const namespace = namespaceOf(parameters)
      // an established connection has the interface already, and may repeat its request
      if (connection && !call.get(established)) {
        const found = await interfaces.find(namespace, name)
        if (!found) return next.request(request, call)
        if (found.alias !== aliasOf("client", connection)) throw nameTaken(name, namespace)
        // an earlier forwarder left it, and it will be taken over
        return next.request(request, call.with(formerVni, found.vni))
      }
      return next.request(request, call)
    },
  }))
}

function namespaceOf(parameters: Readonly<Record<string, string>>): string {
  const url = parameters[MechanismParameter.inodeUrl]
  if (url) return url
  throw new NsmError(
    "NAMESPACE_NOT_FOUND",
    `the KERNEL mechanism does not say in its parameter ${MechanismParameter.inodeUrl} which namespace the client is in`,
  )
}

function nameTaken(name: string, namespace: string): NsmError {
  return new NsmError(
    "INTERFACE_NAME_TAKEN",
    `namespace ${namespace} already has an interface "${name}"; choose another name`,
  )
}
