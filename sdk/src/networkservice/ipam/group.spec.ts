import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import {
  type Connection,
  ConnectionSchema,
  NetworkServiceRequestSchema,
  type IPContext,
} from "@nsm/api"
import fc from "fast-check"
import { bind, chain, outline } from "../../core/chain.ts"
import { testCall } from "../../testing/call.ts"
import { elementContract } from "../../testing/contract.ts"
import { ipamContract } from "../../testing/ipam-contract.ts"
import { requestOf } from "../../testing/messages.ts"
import { connectionState } from "../common/connection-state.ts"
import { ipContextOf } from "../connection.ts"
import { grant } from "../tail.ts"
import { parseCidrGroups } from "./cidr-groups.ts"
import { groupIpam } from "./group.ts"

describe("groupIpam", () => {
  elementContract(() => groupIpam({ groups: parseCidrGroups("10.0.0.0/24,fd00::/64") }))
  ipamContract((groups, leases) => groupIpam({ groups, leases }))

  it("lets a connection keep addresses of others beside its own", async () => {
    const service = bind(
      chain("test", connectionState(), groupIpam({ groups: parseCidrGroups("10.0.0.0/24") })),
      grant,
    )
    const context = { ipContext: { srcIpAddrs: ["192.0.2.7/32"] } }
    const granted = await service.request(requestOf({ context }), testCall())
    assert.deepEqual(ipContextOf(granted).srcIpAddrs, ["192.0.2.7/32", "10.0.0.1/32"])
  })

  it("is a point-to-point management per group", () => {
    const made = groupIpam({ groups: parseCidrGroups("10.0.0.0/24,fd00::/64") })
    assert.equal(
      outline(made),
      "group-ipam\n  drop-foreign-addresses\n  point-to-point-ipam\n  point-to-point-ipam",
    )
  })

  it("does as a plain model does, whatever comes", async () => {
    const id = fc.constantFrom("a", "b", "c", "d", "e", "f")
    const excluded = fc.uniqueArray(fc.nat(7), { maxLength: 2 })
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ kind: fc.constant("request" as const), id, excluded }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("close" as const), id }) },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const service = bind(
          chain("test", connectionState(), groupIpam({ groups: parseCidrGroups("10.0.0.0/29") })),
          grant,
        )
        const model = new Map<string, readonly [dst: number, src: number]>()
        const granted = new Map<string, Connection>()
        for (const each of steps) {
          if (each.kind === "close") {
            model.delete(each.id)
            await service.close(connectionOf(each.id, granted), testCall())
            granted.delete(each.id)
            continue
          }
          const expected = modelled(model, each.id, each.excluded)
          const connection = excluding(connectionOf(each.id, granted), each.excluded)
          const asked = { ...create(NetworkServiceRequestSchema), connection }
          if (!expected) {
            await assert.rejects(service.request(asked, testCall()), {
              reason: "ADDRESSES_EXHAUSTED",
            })
            continue
          }
          model.set(each.id, expected)
          const answer = await service.request(asked, testCall())
          const { dstIpAddrs, srcIpAddrs } = ipContextOf(answer)
          assert.deepEqual(
            [dstIpAddrs, srcIpAddrs],
            expected.map((host) => [`10.0.0.${host}/32`]),
          )
          granted.set(each.id, answer)
        }
      }),
      { numRuns: 200 },
    )
  })
})

/** What a connection has to get of eight addresses: what it has, or the two lowest that are free. */
function modelled(
  held: ReadonlyMap<string, readonly [number, number]>,
  id: string,
  excluded: readonly number[],
): readonly [number, number] | undefined {
  const own = held.get(id)
  if (own && !own.some((host) => excluded.includes(host))) return own
  const others = [...held].filter(([other]) => other !== id)
  const taken = new Set(others.flatMap(([, pair]) => pair))
  const isFree = (host: number) => !taken.has(host) && !excluded.includes(host)
  const [dst, src] = Array.from({ length: 8 }, (_, host) => host).filter(isFree)
  return dst === undefined || src === undefined ? undefined : [dst, src]
}

function connectionOf(id: string, granted: ReadonlyMap<string, Connection>): Connection {
  return granted.get(id) ?? create(ConnectionSchema, { id, context: { ipContext: {} } })
}

function excluding(connection: Connection, hosts: readonly number[]): Connection {
  const context = connection.context ?? assert.fail("the connection has no context")
  const excludedPrefixes = hosts.map((host) => `10.0.0.${host}/32`)
  const ipContext: IPContext = { ...ipContextOf(connection), excludedPrefixes }
  return { ...connection, context: { ...context, ipContext } }
}
