import type { Connection } from "@nsm/api"
import { NsmError, rootCause } from "@nsm/sdk"
import type { Clients, Lab, LabNode } from "@nsm/integration-netns"

/** Where endpoints come and go, and who asks for them. */
export interface EndpointCycles {
  readonly lab: Lab
  /** Endpoints come to the first, clients ask on each in turn. */
  readonly nodes: readonly [LabNode, ...LabNode[]]
  /** Tells cycles of several rounds apart. */
  readonly round: string
}

/**
 * Scales endpoints up and down: in each cycle one comes, with a network of its own, a client gets a wire
 * to it, and the endpoint goes with its network while the wire stands; then the client gives up.
 */
export async function endpointCycles(
  { lab, nodes, round }: EndpointCycles,
  count: number,
): Promise<void> {
  await using open = new AsyncDisposableStack()
  const sides = nodes.map((node) => open.use(lab.clients(node)))
  const place = `${round}-client`
  const { url: namespaceUrl } = lab.addNetwork(place)
  open.defer(() => lab.dropNetwork(place))
  const served = async (name: string, request: () => Promise<Connection>): Promise<Connection> => {
    lab.addNetwork(name)
    try {
      await using _ = await lab.lightEndpoint(name, nodes[0])
      const connection = await request()
      const { networkServiceEndpointName: chosen } = connection
      if (chosen !== name) throw new Error(`${chosen} was chosen rather than ${name}`)
      return connection
    } finally {
      lab.dropNetwork(name)
    }
  }
  for (let cycle = 0; cycle < count; cycle++) {
    const clients = sides[cycle % sides.length] as Clients
    const name = `${round}-${cycle}`
    const ask = () => clients.request({ id: name, namespaceUrl })
    const connection = await served(name, () => insistent(ask))
    // Its hops let go of the connection, and tell that the last one could not be told.
    await clients.close(connection).catch((failure: unknown) => {
      if (rootCause(NsmError.from(failure)).reason !== "PEER_UNREACHABLE") throw failure
    })
  }
}

const mostAttempts = 5

/** Asks as a client's daemon does: again, when one hop was too busy to answer another. */
async function insistent(ask: () => Promise<Connection>): Promise<Connection> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask()
    } catch (failure) {
      const { reason } = NsmError.from(failure)
      if (reason !== "PEER_UNREACHABLE" || attempt === mostAttempts) throw failure
    }
  }
}
