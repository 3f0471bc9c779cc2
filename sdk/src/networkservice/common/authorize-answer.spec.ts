import assert from "node:assert/strict"
import type { Connection, NetworkServiceRequest } from "@nsm/api"
import { callee, type Peer } from "../../core/call.ts"
import { bind, chain, element } from "../../core/chain.ts"
import { NsmError } from "../../core/errors.ts"
import { seededRandom } from "../../core/random.ts"
import { signedTokens } from "../../identity/signed-tokens.ts"
import { verifiedTokens } from "../../identity/verified-tokens.ts"
import { builtInPolicies } from "../../policy/built-in/built-in.ts"
import { type Policies, policies } from "../../policy/policies.ts"
import { testCall } from "../../testing/call.ts"
import { elementContract } from "../../testing/contract.ts"
import { FakeClock } from "../../testing/fake-clock.ts"
import { type FixedIdentity, fixedIdentity } from "../../testing/fixed-identity.ts"
import { requestOf } from "../../testing/messages.ts"
import { record, type Recorder } from "../../testing/probes.ts"
import { connectionOf } from "../connection.ts"
import type { NetworkService } from "../service.ts"
import { grant } from "../tail.ts"
import { authorizeAnswer } from "./authorize-answer.ts"
import { begin } from "./begin/begin.ts"
import { connectionState } from "./connection-state.ts"
import { updatePath } from "./update-path.ts"

const nothing: Policies = { check: async () => {} }
const idOf = (name: string): string => `spiffe://nsm.local/${name}`

describe("authorizeAnswer", () => {
  elementContract(() => authorizeAnswer({ answers: nothing }))

  let clock: FakeClock
  let nsc: FixedIdentity
  let nsmgr: FixedIdentity
  let nse: FixedIdentity
  let server: Recorder
  let client: NetworkService
  /** What the server does to the path of its answers. */
  let answer: (connection: Connection) => Connection
  /** Who the transport says that the server is. */
  let shown: Peer | undefined

  beforeEach(async () => {
    clock = new FakeClock()
    nsc = await fixedIdentity({ id: idOf("nsc"), clock })
    nsmgr = await fixedIdentity({ id: idOf("nsmgr"), clock })
    nse = await fixedIdentity({ id: idOf("nse"), clock })
    shown = peerOf(nsmgr)
    answer = (connection) => connection
    server = record()
    const answers = policies({
      point: "client",
      policies: builtInPolicies.filter(({ name }) => /^(common|client)/.test(name)),
      verifier: verifiedTokens({ clock }),
    })
    // What stands for the transport and all hops behind it.
    const remote = element<NetworkService>("remote", (next) => ({
      async request(request, call) {
        const holder = call.get(callee)
        if (holder && shown) holder.peer = shown
        return answer(extended(await next.request(request, call)))
      },
    }))
    client = bind(
      chain(
        "client",
        updatePath({ name: "nsc", random: seededRandom(1) }),
        begin({ merges: true }),
        connectionState(),
        authorizeAnswer({ answers }),
        server,
        remote,
      ),
      grant,
    )
  })

  const peerOf = ({ current: { svid } }: FixedIdentity): Peer => ({
    address: "test",
    id: svid.id,
    certificate: svid.certificates[0],
  })
  const token = (from: FixedIdentity, to: string): string =>
    signedTokens({ source: from, clock }).token({ address: "test", id: idOf(to) }).token

  /** The path as it comes back through manager and endpoint. */
  function extended(connection: Connection): Connection {
    const [own, ...others] = connection.path?.pathSegments ?? []
    assert.ok(own && connection.path)
    const [second, third] = others
    return {
      ...connection,
      path: {
        ...connection.path,
        pathSegments: [
          { ...own, token: token(nsc, "nsmgr") },
          { ...own, ...second, name: "nsmgr", id: "nsmgr-1", token: token(nsmgr, "nse") },
          { ...own, ...third, name: "nse", id: "nse-1", token: token(nse, "nsmgr") },
        ],
      },
    }
  }

  /** The answer with another token in a segment, or cut short. */
  const withToken = (at: number, text: string) => (connection: Connection) => {
    const pathSegments = [...(connection.path?.pathSegments ?? [])]
    const segment = pathSegments[at]
    assert.ok(segment && connection.path)
    pathSegments[at] = { ...segment, token: text }
    return { ...connection, path: { ...connection.path, pathSegments } }
  }
  const request = (): NetworkServiceRequest => requestOf({ id: "nsc-0" })
  const isDenied =
    (policy: string) =>
    (error: unknown): boolean =>
      error instanceof NsmError &&
      error.code === "PERMISSION_DENIED" &&
      error.element === "authorize-answer" &&
      error.text.startsWith(`policy ${policy} asks`)

  it("takes the answer of a server that proves who it is, and closes there", async () => {
    const granted = await client.request(request(), testCall({ clock }))
    await client.close(granted, testCall({ clock }))
    assert.equal(server.closes.length, 1)
  })

  const bad: readonly (readonly [string, policy: string, make: () => void])[] = [
    [
      "that a namesake signed",
      "client/next_token_signed",
      () => void (shown = { ...peerOf(nse), id: idOf("nsmgr") }),
    ],
    ["of nobody that is known", "client/next_token_signed", () => void (shown = undefined)],
    [
      "without a token of its server",
      "common/tokens_valid",
      () => void (answer = withToken(1, "")),
    ],
    [
      "with tokens of another path",
      "common/tokens_chained",
      () => void (answer = (connection) => withToken(1, token(nsmgr, "nse-2"))(connection)),
    ],
    [
      "that does not go on",
      "client/next_token_signed",
      () =>
        void (answer = (connection) => {
          const { path } = connection
          assert.ok(path)
          return { ...connection, path: { ...path, pathSegments: path.pathSegments.slice(0, 1) } }
        }),
    ],
  ]
  for (const [title, policy, make] of bad) {
    it(`closes what a first answer grants ${title}`, async () => {
      make()
      await assert.rejects(client.request(request(), testCall({ clock })), isDenied(policy))
      assert.equal(server.closes.length, 1)
    })

    it(`only fails a refresh with an answer ${title}`, async () => {
      const granted = await client.request(request(), testCall({ clock }))
      make()
      const again = { ...request(), connection: granted }
      await assert.rejects(client.request(again, testCall({ clock })), isDenied(policy))
      assert.equal(server.closes.length, 0)
      assert.equal(connectionOf(again).id, "nsc-0")
    })
  }

  it("closes nothing by a path that has ended", async () => {
    const granted = await client.request(request(), testCall({ clock }))
    await clock.advance(600_000)
    const closing = client.close(granted, testCall({ clock }))
    await assert.rejects(closing, isDenied("common/tokens_expired"))
    assert.equal(server.closes.length, 0)
  })

  it("closes by the certificate that the server showed last, not by its next one", async () => {
    const granted = await client.request(request(), testCall({ clock }))
    shown = peerOf(nse)
    await client.close(granted, testCall({ clock }))
    assert.equal(server.closes.length, 1)
  })
})
