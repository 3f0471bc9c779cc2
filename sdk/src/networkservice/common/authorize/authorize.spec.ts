import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import {
  type Connection,
  type ConnectionEvent,
  ConnectionEventType,
  Header,
  MonitorScopeSelectorSchema,
  type NetworkServiceRequest,
} from "@nsm/api"
import type { Call, Peer } from "../../../core/call.ts"
import { bind, chain } from "../../../core/chain.ts"
import { NsmError } from "../../../core/errors.ts"
import { seededRandom } from "../../../core/random.ts"
import { signedTokens } from "../../../identity/signed-tokens.ts"
import { verifiedTokens } from "../../../identity/verified-tokens.ts"
import { builtInPolicies } from "../../../policy/built-in/built-in.ts"
import { longestToken } from "../../../policy/jwt.ts"
import { type Policies, policies, type PolicyPoint } from "../../../policy/policies.ts"
import { testCall } from "../../../testing/call.ts"
import { elementContract } from "../../../testing/contract.ts"
import { FakeClock } from "../../../testing/fake-clock.ts"
import { type FixedIdentity, fixedIdentity } from "../../../testing/fixed-identity.ts"
import { jwt } from "../../../testing/jwt.ts"
import { requestOf } from "../../../testing/messages.ts"
import { record, type Recorder } from "../../../testing/probes.ts"
import { endpoint } from "../../chains/endpoint.ts"
import type { NetworkService } from "../../service.ts"
import { grant } from "../../tail.ts"
import { authorize } from "./authorize.ts"

const idOf = (name: string): string => `spiffe://nsm.local/${name}`
const nothing: Policies = { check: async () => {} }

describe("authorize", () => {
  elementContract(() => authorize({ requests: nothing, watches: nothing }))

  let clock: FakeClock
  let [nsc, nsmgr, forwarder, stranger]: FixedIdentity[] = []
  let behind: Recorder
  let service: NetworkService

  beforeEach(async () => {
    clock = new FakeClock()
    const identity = (name: string) => fixedIdentity({ id: idOf(name), clock })
    nsc = await identity("nsc")
    nsmgr = await identity("nsmgr")
    forwarder = await identity("forwarder")
    stranger = await identity("nsc")
    behind = record()
    service = hop("nsmgr", nsmgr)
  })

  /** The whole chain of a hop, with the policies that are the default. */
  function hop(name: string, source: FixedIdentity): NetworkService {
    const ask = (point: PolicyPoint, ...folders: readonly string[]): Policies =>
      policies({
        point,
        policies: builtInPolicies.filter(({ name }) => folders.includes(name.split("/")[0] ?? "")),
        verifier: verifiedTokens({ clock }),
      })
    const own = endpoint(
      {
        name,
        tokens: signedTokens({ source, clock }),
        random: seededRandom(1),
        policies: {
          requests: ask("server", "common", "server"),
          watches: ask("monitor", "monitor"),
        },
      },
      behind,
    )
    return bind(chain(name, own), grant)
  }

  const certificateOf = (identity: FixedIdentity | undefined) => {
    assert.ok(identity)
    return identity.current.svid.certificates[0]
  }
  const peerOf = (identity: FixedIdentity | undefined): Peer => {
    assert.ok(identity)
    const { id } = identity.current.svid
    return { address: "test", id, certificate: certificateOf(identity) }
  }
  const fresh = (from: FixedIdentity | undefined, to: string): string => {
    assert.ok(from)
    return signedTokens({ source: from, clock }).token({ address: "test", id: idOf(to) }).token
  }
  const calling = (peer: Peer | undefined, token: string | undefined): Call => {
    const metadata = new Map<string, string>()
    if (token !== undefined) {
      metadata.set(Header.clientToken, token)
      metadata.set(Header.clientTokenExpires, new Date(clock.now() + 600_000).toISOString())
    }
    return testCall({ clock, peer, metadata })
  }
  const fromClient = (): Call => calling(peerOf(nsc), fresh(nsc, "nsmgr"))

  /** A request as the client sends it. */
  const request = (...tokens: readonly string[]): NetworkServiceRequest => {
    const [first, ...others] = tokens
    return requestOf({
      id: others.length > 0 ? `id-${others.length}` : "nsc-0",
      path: {
        index: others.length,
        pathSegments: [
          { name: "nsc", id: "nsc-0", token: first ?? "" },
          ...others.map((token, at) => ({ name: `hop-${at + 1}`, id: `id-${at + 1}`, token })),
        ],
      },
    })
  }

  const isDenied =
    (policy: string, says: RegExp) =>
    (error: unknown): boolean => {
      assert.ok(error instanceof NsmError)
      assert.equal(error.code, "PERMISSION_DENIED", error.message)
      assert.match(
        error.text,
        new RegExp(`^policy ${policy} asks that .*: .*; no sufficient privileges$`),
      )
      assert.match(error.text, says)
      assert.match(error.remedy, /^[A-Z].*\.$/)
      return true
    }

  it("lets a client in that proves who it is, and closes for it", async () => {
    const granted = await service.request(request(), fromClient())
    assert.equal(behind.requests.length, 1)
    await service.close(granted, fromClient())
    assert.equal(behind.closes.length, 1)
  })

  it("lets a hop in that passes on what it proved", async () => {
    service = hop("forwarder", forwarder as FixedIdentity)
    const path = request(fresh(nsc, "nsmgr"), fresh(nsmgr, "nsc"))
    await service.request(path, calling(peerOf(nsmgr), fresh(nsmgr, "forwarder")))
    assert.equal(behind.requests.length, 1)
  })

  const bad: readonly (readonly [string, policy: string, says: RegExp, make: () => Call])[] = [
    [
      "without a token",
      "common/tokens_valid",
      /path segment 0 \("nsc"\) has no token/,
      () => calling(peerOf(nsc), undefined),
    ],
    [
      "with a text for a token",
      "common/tokens_valid",
      /segment 0 \("nsc"\) has a token that is no JWT/,
      () => calling(peerOf(nsc), "secret"),
    ],
    [
      "with a truncated token",
      "common/tokens_valid",
      /segment 0/,
      () => calling(peerOf(nsc), fresh(nsc, "nsmgr").slice(0, 60)),
    ],
    [
      "with a truncated signature",
      "server/prev_token_signed",
      /segment 0 \("nsc"\) is not signed/,
      () => calling(peerOf(nsc), fresh(nsc, "nsmgr").slice(0, -10)),
    ],
    [
      "with a token of absurd size",
      "common/tokens_valid",
      /of \d+ characters, of which 16384 are allowed/,
      () => calling(peerOf(nsc), jwt({ padding: "x".repeat(longestToken) })),
    ],
    [
      "with a token that has ended",
      "common/tokens_expired",
      /segment 0 \("nsc"\) ended 60 s ago/,
      () => calling(peerOf(nsc), tokenOf(nsc, { exp: clock.now() / 1000 - 60 })),
    ],
    [
      "with a token that does not end",
      "common/tokens_expired",
      /segment 0 \("nsc"\) has no end/,
      () => calling(peerOf(nsc), tokenOf(nsc, { exp: undefined })),
    ],
    [
      "with an audience that is a text",
      "common/tokens_chained",
      /segment 0 \("nsc"\) is for nobody in a list, but that of path segment 1 \("nsmgr"\) is of/,
      () => calling(peerOf(nsc), tokenOf(nsc, { aud: idOf("nsmgr") })),
    ],
    [
      "with a token for somebody else",
      "common/tokens_chained",
      /is for "spiffe:\/\/nsm.local\/forwarder"/,
      () => calling(peerOf(nsc), fresh(nsc, "forwarder")),
    ],
    [
      "with a token that a namesake signed",
      "server/prev_token_signed",
      /segment 0 \("nsc"\) is not signed with that key/,
      () => calling(peerOf(nsc), fresh(stranger, "nsmgr")),
    ],
    [
      "without a certificate",
      "server/prev_token_signed",
      /segment 0/,
      () => calling({ address: "test" }, fresh(nsc, "nsmgr")),
    ],
  ]
  for (const [title, policy, says, make] of bad) {
    it(`refuses a request ${title}, and keeps nothing of it`, async () => {
      const call = make()
      await assert.rejects(service.request(request(), call), isDenied(policy, says))
      assert.equal(behind.requests.length, 0, "elements behind it were asked")
      assert.equal(clock.pending, 0, "timers are left")
      assert.deepEqual(await connectionsSeen([{ id: "nsc-0" }], peerOf(nsc)), [])
    })
  }

  it("refuses a token of another path", async () => {
    service = hop("forwarder", forwarder as FixedIdentity)
    const path = request(fresh(nsc, "nsmgr-2"), fresh(nsmgr, "nsc"))
    const call = calling(peerOf(nsmgr), fresh(nsmgr, "forwarder"))
    await assert.rejects(
      service.request(path, call),
      isDenied("common/tokens_chained", /segment 0/),
    )
    assert.equal(behind.requests.length, 0)
  })

  it("never says a token", async () => {
    for (const [title, , , make] of bad) {
      const call = make()
      const error: unknown = await service
        .request(request(), call)
        .catch((thrown: unknown) => thrown)
      assert.ok(error instanceof NsmError)
      const token = call.metadata.get(Header.clientToken) ?? ""
      for (const part of token.split(".").filter((text) => text !== "")) {
        assert.ok(!`${error.message}${error.remedy}${error.stack}`.includes(part), title)
      }
    }
  })

  it("leaves a connection open whose close it refuses, until it expires", async () => {
    const granted = await service.request(request(), fromClient())
    const theft = service.close(granted, calling(peerOf(stranger), fresh(nsc, "nsmgr")))
    await assert.rejects(theft, isDenied("server/prev_token_signed", /segment 0/))
    assert.equal(behind.closes.length, 0)
    await service.request({ ...request(), connection: granted }, fromClient())
    assert.equal(behind.requests.length, 2)
    await clock.advance(600_000)
    assert.equal(behind.closes.length, 1, "it did not expire")
    assert.equal(clock.pending, 0)
  })

  it("keeps a connection whose refresh it refuses", async () => {
    const granted = await service.request(request(), fromClient())
    const again = { ...request(), connection: granted }
    await assert.rejects(service.request(again, calling(peerOf(nsc), "secret")))
    await service.close(granted, fromClient())
    assert.equal(behind.closes.length, 1)
  })

  /** The connections in the first event of a watch. */
  async function connectionsSeen(
    pathSegments: readonly { id?: string; name?: string }[],
    peer: Peer,
  ): Promise<readonly string[]> {
    const events = service.monitorConnections(
      create(MonitorScopeSelectorSchema, { pathSegments: [...pathSegments] }),
      calling(peer, undefined),
    )
    for await (const { type, connections } of events) {
      assert.equal(type, ConnectionEventType.INITIAL_STATE_TRANSFER)
      return Object.values(connections).map(({ path }) => path?.pathSegments[0]?.id ?? "")
    }
    return []
  }

  describe("for watches", () => {
    let granted: Connection
    beforeEach(async () => {
      granted = await service.request(request(), fromClient())
    })

    it("lets a client watch its own connection by the id of its segment", async () => {
      assert.deepEqual(await connectionsSeen([{ id: "nsc-0", name: "nsc" }], peerOf(nsc)), [
        "nsc-0",
      ])
    })

    for (const [title, segments] of [
      ["a connection of others", [{ id: "nsc-0" }]],
      ["all", []],
    ] as const) {
      it(`refuses to show ${title}`, async () => {
        const seen = connectionsSeen(segments, peerOf(forwarder))
        await assert.rejects(seen, isDenied("monitor/service_connection", /forwarder" has none/))
      })
    }

    it("shows nothing, and of others nothing later, to who looks for what is not there", async () => {
      const controller = new AbortController()
      const selector = create(MonitorScopeSelectorSchema, { pathSegments: [{ id: "nsc-1" }] })
      const watching = testCall({ clock, peer: peerOf(forwarder), signal: controller.signal })
      const events: ConnectionEvent[] = []
      const watch = (async () => {
        for await (const event of service.monitorConnections(selector, watching)) events.push(event)
      })()
      const other = requestOf({
        id: "nsc-1",
        path: { pathSegments: [{ name: "nsc", id: "nsc-1" }] },
      })
      await service.request(other, fromClient())
      await clock.advance(0)
      controller.abort()
      await watch
      assert.deepEqual(
        events.map(({ type, connections }) => [type, Object.keys(connections)]),
        [[ConnectionEventType.INITIAL_STATE_TRANSFER, []]],
      )
    })

    it("shows it to its owner, also by a name that is nobody's id", async () => {
      assert.deepEqual(await connectionsSeen([{ name: "nsc" }], peerOf(nsc)), ["nsc-0"])
      assert.deepEqual(await connectionsSeen([{ name: "nsc" }], peerOf(forwarder)), [])
    })

    it("forgets a connection with its close", async () => {
      await service.close(granted, fromClient())
      assert.deepEqual(await connectionsSeen([{ id: "nsc-0" }], peerOf(forwarder)), [])
    })
  })

  function tokenOf(from: FixedIdentity | undefined, claims: object): string {
    assert.ok(from)
    const { id: sub, privateKey: key } = from.current.svid
    const exp = clock.now() / 1000 + 600
    return jwt({ sub, aud: [idOf("nsmgr")], exp, ...claims }, { key })
  }
})
