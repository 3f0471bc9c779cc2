import assert from "node:assert/strict"
import { bind } from "../../core/chain.ts"
import { testCall } from "../../testing/call.ts"
import { elementContract } from "../../testing/contract.ts"
import { requestOf } from "../../testing/messages.ts"
import { grant } from "../tail.ts"
import { clientInfo, type ClientInfoOptions } from "./client-info.ts"

async function labelled(place: ClientInfoOptions, labels: Record<string, string> = {}) {
  const granted = await bind(clientInfo(place), grant).request(requestOf({ labels }), testCall())
  return granted.labels
}

describe("clientInfo", () => {
  elementContract(() => clientInfo({ nodeName: "node-1", podName: "pod-1" }))

  it("adds what is known of the place", async () => {
    const labels = await labelled({ nodeName: "node-1", podName: "", clusterName: undefined })
    assert.deepEqual(labels, { nodeName: "node-1" })
  })

  it("keeps what hops before have said", async () => {
    const place = { nodeName: "node-2", clusterName: "cluster-1" }
    const labels = await labelled(place, { nodeName: "node-1", app: "x" })
    assert.deepEqual(labels, { nodeName: "node-1", clusterName: "cluster-1", app: "x" })
  })
})
