import { changeLink } from "../links/link-requests.ts"
import { transaction } from "../transaction.ts"
import { changeEnd } from "./change-end.ts"
import { type Owner, ownedAlias } from "./owner.ts"
import { readEnd } from "./read-end.ts"
import type { FoundEnd } from "./same-wire.ts"

/**
 * Makes the wire that an earlier forwarder left one's own, and leads it to what it shall be now.
 * Packets go on passing: nothing is touched that is as it shall be.
 */
export async function takeOver(found: readonly FoundEnd[], owner: Owner): Promise<void> {
  await transaction(async (undo) => {
    for (const { end, namespace, link } of found) {
      const named = { index: link.index, name: end.name }
      const before = { name: link.name, alias: link.alias ?? "" }
      const after = { name: end.name, alias: ownedAlias(end.alias, owner) }
      if (before.name !== after.name || before.alias !== after.alias || !link.isUp) {
        namespace.netlink.request([changeLink(link, { ...after, isUp: true })])
        undo(`name "${end.name}" as before`, () => {
          namespace.netlink.request([changeLink(named, before)])
        })
      }
      const from = readEnd(namespace, link, end)
      undo(`change "${end.name}" back`, () => changeEnd(namespace, named, end, from))
      await changeEnd(namespace, named, from, end)
    }
  })
}
