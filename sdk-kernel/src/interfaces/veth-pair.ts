import type { Link } from "../links/link.ts"
import { Links } from "../links/links.ts"
import { createVeth } from "../links/veth.ts"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"
import { transaction } from "../transaction.ts"
import { afterBirth, bornAs, giveBirth } from "./birth.ts"
import { deleteInterface } from "./delete-interface.ts"
import { addressRequests, type InterfaceSetup, setUp, setupRequests } from "./interface-setup.ts"
import { openWays } from "./open-ways.ts"

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
    const [first, second] = [
      { index, name: one.name },
      { index: peer, name: two.name },
    ]
    one.namespace.netlink.request(setupRequests(first, linkAlone(one)))
    const secondLink = setUp(two.namespace, second, linkAlone(two))
    // The first end can carry packets only now that the second is up. Asking for it makes the kernel
    // let them through at once (linkwatch_sync_dev), and not when its worker comes to it.
    const firstLink = new Links(one.namespace).get(index)
    // What the ends send is for later: whoever looks for its neighbour before that one hears looks
    // again only after a second.
    two.namespace.netlink.request(addressRequests(second, two))
    one.namespace.netlink.request(addressRequests(first, one))
    await openWays(two.namespace, second, two)
    await openWays(one.namespace, first, one)
    return [firstLink, secondLink]
  })
}

function linkAlone(end: VethEnd): InterfaceSetup {
  return { ...afterBirth(end), addresses: [], routes: [], neighbours: [] }
}
