import type { Link } from "../links/link.ts"
import { Links } from "../links/links.ts"
import type { NetworkNamespace } from "../namespace/network-namespace.ts"
import { type InterfaceSetup, setUp } from "./interface-setup.ts"
import { openWays } from "./open-ways.ts"

/** Gives an interface what it shall have; what it has already is no error, what it has beyond stays. */
export async function configureInterface(
  namespace: NetworkNamespace,
  name: string,
  setup: InterfaceSetup,
): Promise<Link> {
  const link = setUp(namespace, new Links(namespace).get(name), setup)
  await openWays(namespace, { index: link.index, name }, setup)
  return link
}
