import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { NetworkServiceEndpointSchema } from "@nsm/api"
import { bind } from "../../core/chain.ts"
import { testCall } from "../../testing/call.ts"
import { endpointKind } from "../kind.ts"
import { registryClientInfo } from "./client-info.ts"
import { memoryRegistry } from "./store.ts"

describe("client-info of a registry", () => {
  it("adds labels to every service of an endpoint, and leaves those that it has", async () => {
    const labels = { nodeName: "node-1", clusterName: "east" }
    const registry = bind(registryClientInfo(labels), memoryRegistry(endpointKind))
    const sent = create(NetworkServiceEndpointSchema, {
      name: "e1",
      networkServiceNames: ["icmp", "dns"],
      networkServiceLabels: { icmp: { labels: { app: "a", clusterName: "west" } } },
    })
    const { networkServiceLabels: granted } = await registry.register(sent, testCall())
    assert.deepEqual(granted["icmp"]?.labels, { nodeName: "node-1", clusterName: "west", app: "a" })
    assert.deepEqual(granted["dns"]?.labels, labels)
    assert.equal(sent.networkServiceLabels["dns"], undefined)
  })
})
