import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import {
  ConnectionEventSchema,
  ConnectionEventType,
  ConnectionSchema,
  PathSchema,
  State,
} from "@nsm/api"
import { bind, chain, element } from "../../core/chain.ts"
import { unlessEnded } from "../../core/ended.ts"
import { testCall } from "../../testing/call.ts"
import { elementContract } from "../../testing/contract.ts"
import { FakeClock } from "../../testing/fake-clock.ts"
import { requestAtHop } from "../../testing/messages.ts"
import { record } from "../../testing/probes.ts"
import { connectionOf, withConnection } from "../connection.ts"
import type { NetworkService } from "../service.ts"
import { grant } from "../tail.ts"
import { composition } from "./composition.ts"
import { connectionState } from "./connection-state.ts"

const labels = { app: "firewall" }

const asked = (changes: Parameters<typeof withConnection>[1] = {}) =>
  withConnection(requestAtHop("nse-firewall"), {
    labels: { app: "client" },
    networkServiceEndpointName: "nse-firewall",
    ...changes,
  })

/** What the next hop has, or that it does not answer. */
type Known = readonly { readonly index: number; readonly name: string }[] | "silence"

/** A pass-through endpoint before hops that choose an endpoint for those who name none. */
function world({ known = [] }: { known?: Known } = {}) {
  const clock = new FakeClock()
  const seen = record()
  const names = ["nse-next", "nse-other"]
  const choosing = element<NetworkService>("choosing", (next) => ({
    request: async (request, call) => {
      const { networkServiceEndpointName: name } = connectionOf(request)
      const chosen = { networkServiceEndpointName: name || (names.shift() ?? "") }
      return next.request(withConnection(request, chosen), call)
    },
  }))
  const telling: NetworkService = {
    ...grant,
    async *monitorConnections(_, { signal }) {
      if (known === "silence") await unlessEnded(signal, new Promise(() => {}))
      else yield eventOf(known)
    },
  }
  const service = bind(
    chain("test", connectionState(), composition({ labels }), seen, choosing),
    telling,
  )
  return { clock, seen, service }
}

/** A path that leads here twice, at one of its places. */
const pathTo = (index: number) =>
  create(PathSchema, {
    index,
    pathSegments: ["client", "nse-firewall", "nsmgr", "nse-firewall"].map((name) => ({
      name,
      id: `${name}-1`,
    })),
  })

const eventOf = (known: Exclude<Known, "silence">) =>
  create(ConnectionEventSchema, {
    type: ConnectionEventType.INITIAL_STATE_TRANSFER,
    connections: Object.fromEntries(
      known.map(({ index, name: networkServiceEndpointName }) => [
        networkServiceEndpointName,
        create(ConnectionSchema, { path: { index }, networkServiceEndpointName }),
      ]),
    ),
  })

const shown = ({ labels: shownLabels, networkServiceEndpointName: name } = connectionOf(asked())) =>
  [{ ...shownLabels }, name] as const

describe("composition", () => {
  elementContract(() => composition({ labels }), { request: () => asked() })

  it("asks for the connection with its own labels and without naming an endpoint", async () => {
    const { seen, service } = world()
    await service.request(asked(), testCall())
    assert.deepEqual(shown(seen.requests[0]?.message.connection), [labels, ""])
  })

  it("gives the caller its own labels and endpoint back", async () => {
    const { service } = world()
    const granted = await service.request(asked(), testCall())
    assert.deepEqual(shown(granted), [{ app: "client" }, "nse-firewall"])
  })

  it("stays with the endpoint that was chosen when the connection is asked for again, and closes it there", async () => {
    const { seen, service } = world()
    const granted = await service.request(asked(), testCall())
    await service.request(asked(granted), testCall())
    assert.deepEqual(shown(seen.requests[1]?.message.connection), [labels, "nse-next"])
    await service.close(granted, testCall())
    assert.deepEqual(shown(seen.closes[0]?.message), [labels, "nse-next"])
  })

  it("is free to choose again once the connection was closed", async () => {
    const { seen, service } = world()
    const granted = await service.request(asked(), testCall())
    await service.close(granted, testCall())
    await service.request(asked(), testCall())
    assert.deepEqual(shown(seen.requests[1]?.message.connection), [labels, ""])
    assert.equal(seen.granted[1]?.networkServiceEndpointName, "nse-other")
  })

  it("stays with it also when this process has started anew: the next hop tells", async () => {
    const { seen, service } = world({ known: [{ index: 2, name: "nse-former" }] })
    const granted = await service.request(asked({ path: pathTo(1) }), testCall())
    assert.deepEqual(shown(seen.requests[0]?.message.connection), [labels, "nse-former"])
    assert.deepEqual(
      seen.watches[0]?.message.pathSegments.map(({ name, id }) => [name, id]),
      [["nse-firewall", "nse-firewall-1"]],
    )
    await service.request(asked(granted), testCall())
    assert.equal(seen.watches.length, 1)
  })

  it("does not take what the next hop tells of others", async () => {
    const { seen, service } = world({ known: [{ index: 3, name: "nse-former" }] })
    await service.request(asked({ path: pathTo(1) }), testCall())
    assert.deepEqual(shown(seen.requests[0]?.message.connection), [labels, ""])
  })

  it("chooses anew when the next hop tells nothing in time", async () => {
    const { clock, seen, service } = world({ known: "silence" })
    const granting = service.request(asked({ path: pathTo(1) }), testCall({ clock }))
    await clock.advance(1000)
    await granting
    assert.deepEqual(shown(seen.requests[0]?.message.connection), [labels, ""])
    assert.equal(clock.pending, 0)
  })

  it("does not ask the next hop for a connection that is to be selected anew", async () => {
    const { seen, service } = world({ known: [{ index: 2, name: "nse-former" }] })
    const state = State.RESELECT_REQUESTED
    await service.request(asked({ path: pathTo(1), state }), testCall())
    assert.equal(seen.watches.length, 0)
  })

  it("refuses a connection that has passed here before, and says how it went", async () => {
    const { seen, service } = world()
    await assert.rejects(service.request(asked({ path: pathTo(3) }), testCall()), {
      reason: "COMPOSITION_CIRCULAR",
      text: /lead back to nse-firewall: client → nse-firewall → nsmgr → nse-firewall$/,
    })
    assert.equal(seen.requests.length, 0)
  })

  it("takes no offence at where the connection went on earlier", async () => {
    const { seen, service } = world()
    await service.request(asked({ path: pathTo(1) }), testCall())
    assert.equal(seen.requests.length, 1)
  })
})
