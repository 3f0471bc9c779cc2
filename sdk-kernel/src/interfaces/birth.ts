import { NsmError } from "@nsm/sdk"
import type { LinkBirth } from "../links/link-requests.ts"
import { Links } from "../links/links.ts"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"
import type { NetlinkRequest } from "../netlink/request.ts"
import type { InterfaceSetup } from "./interface-setup.ts"

/** An interface to be made, and where. */
interface Newborn extends InterfaceSetup {
  readonly namespace: NetworkNamespace
  readonly name: string
}

/** What the creating message gives an interface, being made in its namespace instead of moved there. */
export function bornAs({ name, namespace, mtu, mac }: Newborn): LinkBirth {
  return { name, namespace: namespace.fd, mtu, mac }
}

/** What it still has to get then. */
export function afterBirth(newborn: Newborn): InterfaceSetup {
  return { ...newborn, mtu: undefined, mac: undefined }
}

/** Asks a namespace for interfaces; when one exists already, says which and where. */
export function giveBirth(
  asked: NetworkNamespace,
  request: NetlinkRequest,
  newborns: readonly Newborn[],
): void {
  try {
    asked.netlink.request([request])
  } catch (failure) {
    throw nameTaken(NsmError.from(failure), request, newborns)
  }
}

/** The kernel answers EEXIST for names, and for other things that there can be only one of. */
function nameTaken(
  failure: NsmError,
  { doing }: NetlinkRequest,
  newborns: readonly Newborn[],
): NsmError {
  if (failure.reason !== "INTERFACE_NAME_TAKEN") return failure
  const taken = newborns.find(({ namespace, name }) => new Links(namespace).find(name))
  return taken
    ? new NsmError(
        "INTERFACE_NAME_TAKEN",
        `${doing}: "${taken.name}" exists already in ${taken.namespace.origin}`,
        { cause: failure },
      )
    : new NsmError("KERNEL_REFUSED", failure.text)
}
