import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { MechanismSchema, NetworkServiceSchema } from "@nsm/api"
import {
  bind,
  networkServiceRegistryWire,
  sendRegistryPath,
  serviceKind,
  silentLog,
  systemClock,
  withCall,
} from "@nsm/sdk"
import { createVethPair, openNamespace } from "@nsm/sdk-kernel"
import type { Wish } from "../lab/clients.ts"
import { connectionsAt } from "../lab/connections.ts"
import { Lab, type LabNode } from "../lab/lab.ts"
import { needsPrivilege } from "../lab/privilege.ts"
import { assertRefused, type Refusal } from "../lab/refusal.ts"

/** A request that must be refused, and how. */
interface Case extends Refusal {
  readonly title: string
  readonly wish?: Partial<Wish>
  /** What there is first. Answers more of the wish. */
  readonly prepare?: (lab: Lab, node: LabNode) => Promise<Partial<Wish>>
}

const [manager, forwarder] = ["nsmgr-node-1", "forwarder-node-1"]

const cases: readonly Case[] = [
  {
    title: "a service that nobody provides",
    wish: { service: "nothing-like-it" },
    ...{ reason: "SERVICE_NOT_FOUND", hop: manager, text: /nothing-like-it/ },
  },
  {
    title: "a service without an endpoint",
    prepare: async (lab, node) => {
      await registerService(lab, node, "deserted")
      return { service: "deserted" }
    },
    ...{ reason: "ENDPOINT_NOT_FOUND", hop: forwarder, text: /deserted/ },
  },
  {
    title: "a mechanism that nobody knows",
    wish: { mechanism: create(MechanismSchema, { cls: "LOCAL", type: "CARRIER-PIGEON" }) },
    ...{ reason: "MECHANISM_UNSUPPORTED", hop: forwarder, text: /CARRIER-PIGEON.*KERNEL/ },
  },
  {
    title: "an interface name of 16 characters",
    wish: { interfaceName: "sixteen-letters1" },
    ...{ reason: "INTERFACE_NAME_INVALID", hop: forwarder, text: /sixteen-letters1/ },
  },
  {
    title: "an interface name with a slash",
    wish: { interfaceName: "../etc" },
    ...{ reason: "INTERFACE_NAME_INVALID", hop: forwarder, text: /\.\.\/etc/ },
  },
  {
    title: "an interface name that is taken",
    prepare: async (lab) => {
      using namespace = openNamespace(lab.network("client").url)
      await createVethPair({ namespace, name: "mine" }, { namespace, name: "other" })
      return { interfaceName: "mine" }
    },
    ...{ reason: "INTERFACE_NAME_TAKEN", hop: forwarder, text: /mine/ },
  },
  {
    title: "a namespace that does not exist",
    wish: { namespaceUrl: "file:///proc/1/ns/nowhere" },
    ...{ reason: "NAMESPACE_NOT_FOUND", hop: forwarder, text: /\/proc\/1\/ns\/nowhere/ },
  },
  {
    title: "a file that is no namespace",
    wish: { namespaceUrl: "file:///etc/passwd" },
    ...{ reason: "NAMESPACE_NOT_FOUND", hop: forwarder, text: /\/etc\/passwd/ },
  },
  {
    title: "a namespace that has gone, by path",
    prepare: async (lab) => {
      const { url } = lab.addNetwork("going")
      lab.dropNetwork("going")
      return { namespaceUrl: url }
    },
    ...{ reason: "NAMESPACE_NOT_FOUND", hop: forwarder, text: /\/proc\/\d+\/fd\/\d+/ },
  },
  {
    title: "a namespace that has gone, by inode",
    prepare: async (lab) => {
      const { inode } = lab.addNetwork("going")
      lab.dropNetwork("going")
      return { namespaceUrl: `inode://${inode.dev}/${inode.ino}` }
    },
    ...{ reason: "NAMESPACE_NOT_FOUND", hop: forwarder, text: /inode:\/\/\d+\/\d+/ },
  },
  {
    title: "a namespace URL that is none",
    wish: { namespaceUrl: "https://example.com/netns" },
    ...{ reason: "INVALID_URL", hop: forwarder, text: /https:\/\/example\.com\/netns/ },
  },
  {
    title: "more clients than the endpoint's pool has addresses for",
    prepare: async (lab, node) => {
      const settings = { NSM_SERVICE_NAMES: "narrow", NSM_CIDR_PREFIX: "172.31.0.0/31" }
      await lab.addEndpoint("nse-narrow", node, { settings })
      const { url } = lab.addNetwork("earlier")
      await using clients = lab.clients(node)
      await clients.request({ id: "earlier", service: "narrow", namespaceUrl: url })
      return { service: "narrow" }
    },
    ...{ reason: "ADDRESSES_EXHAUSTED", hop: "nse-narrow", text: /172\.31\.0\.0\/31/ },
  },
  {
    title: "an endpoint that has gone between discovery and request",
    prepare: async (lab, node) => {
      const settings = { NSM_SERVICE_NAMES: "fleeting" }
      const { process } = await lab.addEndpoint("nse-fleeting", node, { settings })
      process.kill("SIGKILL")
      await process.exited()
      return { service: "fleeting" }
    },
    ...{ reason: "PEER_UNREACHABLE", hop: forwarder, text: /dial unix:.*ECONNREFUSED/ },
  },
]

describe("a request that cannot be granted", function () {
  this.timeout(60_000)
  let lab: Lab
  let node: LabNode
  before(needsPrivilege)
  before(async () => {
    lab = await Lab.up()
    node = await lab.addNode("node-1")
    await lab.addEndpoint("nse-1", node)
  })
  after(async () => {
    // Its client ended without a word, and forwarders leave at their end what may still be in use.
    lab?.dropNetwork("earlier")
    await lab?.[Symbol.asyncDispose]()
  })

  for (const { title, wish, prepare, ...refusal } of cases) {
    it(`for ${title} says ${refusal.reason} at ${refusal.hop}, and leaves nothing`, async () => {
      const { url: namespaceUrl } = lab.addNetwork("client")
      await using clients = lab.clients(node)
      const prepared = await prepare?.(lab, node)
      const held = await state()
      await assertRefused(
        clients.request({ id: "refused", namespaceUrl, ...wish, ...prepared }),
        refusal,
      )
      assert.deepEqual(await state(), held)
      lab.dropNetwork("client")
    })
  }

  /** What the kernel and the hops hold for clients and for the endpoint. */
  async function state(): Promise<unknown> {
    return {
      client: lab.interfaces("client"),
      endpoint: lab.interfaces("nse-1"),
      atManager: await connectionsAt(node.manager),
      atForwarder: await connectionsAt(node.forwarder),
    }
  }
})

async function registerService(lab: Lab, { managerUrl }: LabNode, name: string): Promise<void> {
  await using transport = lab.transport()
  const registry = bind(
    sendRegistryPath(serviceKind),
    transport.client(managerUrl, networkServiceRegistryWire),
  )
  await withCall({ clock: systemClock, log: silentLog, timeoutMs: 5000 }, (call) =>
    registry.register(create(NetworkServiceSchema, { name, payload: "ETHERNET" }), call),
  )
}
