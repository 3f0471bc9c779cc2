import assert from "node:assert/strict"
import type { Connection } from "@nsm/api"
import { NsmError } from "@nsm/sdk"
import { echo, type NetworkNamespace } from "@nsm/sdk-kernel"
import { becomes } from "../lab/becomes.ts"
import type { Clients } from "../lab/clients.ts"
import { Lab, type LabNode } from "../lab/lab.ts"
import { needsPrivilege } from "../lab/privilege.ts"

describe("an authority that stops", function () {
  this.timeout(120_000)
  let lab: Lab
  let node: LabNode
  let clients: Clients
  let namespace: NetworkNamespace
  let serial = 0
  before(needsPrivilege)
  before(async () => {
    lab = await Lab.up({ authority: { settings: { NSM_SVID_LIFETIME: "12s" } } })
    node = await lab.addNode("node-1")
    await lab.addEndpoint("nse-1", node)
    clients = lab.clients(node)
    namespace = lab.addNetwork("client")
  })
  after(async () => {
    await clients?.[Symbol.asyncDispose]()
    await lab?.[Symbol.asyncDispose]()
  })

  const request = (interfaceName: string): Promise<Connection> =>
    clients.request({
      ...{ id: `client-${serial++}`, namespaceUrl: namespace.url, interfaceName },
    })
  /** What comes of a request: how it failed, or that it did not. */
  const outcome = async (): Promise<string> => {
    try {
      // One that is granted in the last moment may be too late to be closed.
      await clients.close(await request(`probe-${serial}`))
      return "granted"
    } catch (failure) {
      return NsmError.from(failure).reason
    }
  }

  it("takes no wire and no new request along, until identities expire; then everything goes on", async () => {
    const wire = await request("lasting")
    await lab.authority[Symbol.asyncDispose]()

    assert.equal(await outcome(), "granted")
    assert.equal(await echoes(wire), 1)

    await becomes(outcome, "IDENTITY_MISSING", 20_000)
    const isReady = (): Promise<boolean> =>
      node.manager.page("/readyz").then(
        () => true,
        () => false,
      )
    await becomes(isReady, false, 20_000)

    await lab.startAuthority()
    await becomes(outcome, "granted", 20_000)
    await Promise.all(lab.processes.map((process) => process.ready()))
    const next = await request("next")
    assert.equal(await echoes(next), 1)
    await clients.close(next)
    // Its client may have renewed it in time, and keeps it then; else it has ended, and goes by itself.
    await clients.close(wire).catch((failure: unknown) => {
      assert.equal(NsmError.from(failure).reason, "PERMISSION_DENIED")
    })
    await becomes(() => lab.interfaces("client").length, 0, 60_000)
  })

  async function echoes({ context }: Connection): Promise<number> {
    const host = (addresses: readonly string[] = []): string =>
      addresses.find((address) => !address.includes(":"))?.split("/")[0] ?? ""
    const { srcIpAddrs, dstIpAddrs } = context?.ipContext ?? {}
    const ends = { source: host(srcIpAddrs), destination: host(dstIpAddrs) }
    return (await echo({ namespace, ...ends })).received
  }
})
