import { type Connection, type Mechanism, MechanismParameter, MechanismType } from "@nsm/api"
import { element, type Element } from "../../core/chain.ts"
import { checkInterfaceName } from "../../tools/interface-name.ts"
import { connectionOf, withConnection } from "../connection.ts"
import type { NetworkService } from "../service.ts"

/** What a pass-through endpoint says about one of its two interfaces. */
export interface UnnumberedOptions {
  /**
   * Its name, which may follow from the connection. It takes the place of one that was asked for: that
   * might be the name of an interface which is there for something else, and would become a port.
   */
  readonly interfaceName: (connection: Connection) => string
}

/**
 * Says of kernel interfaces that they get neither addresses nor routes, for they become ports of a
 * bridge, and what they are called.
 *
 * Placement: towards the caller before `kernelEndpoint`; towards the next hop after `kernelPreference`.
 */
export function unnumbered({ interfaceName }: UnnumberedOptions): Element<NetworkService> {
  return element("unnumbered", (next) => ({
    async request(request, call) {
      const connection = connectionOf(request)
      const complete = (mechanism: Mechanism): Mechanism => {
        if (mechanism.type !== MechanismType.KERNEL) return mechanism
        const added = {
          [MechanismParameter.name]: checkInterfaceName(interfaceName(connection)),
          [MechanismParameter.unnumbered]: "true",
        }
        return { ...mechanism, parameters: { ...mechanism.parameters, ...added } }
      }
      const { mechanism } = connection
      const completed = {
        ...(mechanism ? withConnection(request, { mechanism: complete(mechanism) }) : request),
        mechanismPreferences: request.mechanismPreferences.map(complete),
      }
      return next.request(completed, call)
    },
  }))
}
