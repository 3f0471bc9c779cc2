import type { Link } from "../links/link.ts"
import { Links } from "../links/links.ts"
import { createVeth } from "../links/veth.ts"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"
import { transaction } from "../transaction.ts"
import { addressesInUse } from "./addresses-in-use.ts"
import { afterBirth, bornAs, giveBirth } from "./birth.ts"
import { deleteInterface } from "./delete-interface.ts"
import { type InterfaceSetup, setUp, setupRequests } from "./interface-setup.ts"

/** One end of a virtual cable. */
export interface VethEnd extends InterfaceSetup {
  readonly namespace: NetworkNamespace
  readonly name: string
}

/**
 * Makes a virtual cable, each end inside its namespace with all that it shall have, or nothing.
 *
 *     namespace one [ name ]---------[ name ] namespace two
 */
export function createVethPair(
  one: VethEnd,
  two: VethEnd,
): Promise<readonly [one: Link, two: Link]> {
  return transaction(async (undo) => {
    giveBirth(one.namespace, createVeth(bornAs(one), bornAs(two)), [one, two])
    undo(`delete veth "${one.name}"`, () => deleteInterface(one.namespace, one.name))
    const { index, peer = 0 } = new Links(one.namespace).get(one.name)
    one.namespace.netlink.request(setupRequests({ index, name: one.name }, afterBirth(one)))
    const second = setUp(two.namespace, { index: peer, name: two.name }, afterBirth(two))
    // The first end can carry packets only now that the second is up. Asking for it makes the kernel
    // let them through at once (linkwatch_sync_dev), and not when its worker comes to it.
    const first = new Links(one.namespace).get(index)
    await Promise.all([one, two].map((end) => addressesInUse(end.namespace, end.addresses)))
    return [first, second]
  })
}
