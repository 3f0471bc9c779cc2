import assert from "node:assert/strict"
import { timestampMs } from "@bufbuild/protobuf/wkt"
import { type Connection, Header } from "@nsm/api"
import { type Call, callee, type Peer } from "../../core/call.ts"
import { bind, chain, element } from "../../core/chain.ts"
import { NsmError } from "../../core/errors.ts"
import { signedTokens } from "../../identity/signed-tokens.ts"
import { type TokenSource, unsignedTokens } from "../../identity/token.ts"
import { verifiedTokens } from "../../identity/verified-tokens.ts"
import { testCall } from "../../testing/call.ts"
import { elementContract } from "../../testing/contract.ts"
import { FakeClock } from "../../testing/fake-clock.ts"
import { fixedIdentity } from "../../testing/fixed-identity.ts"
import { requestAtHop } from "../../testing/messages.ts"
import { record } from "../../testing/probes.ts"
import { connectionOf } from "../connection.ts"
import type { NetworkService } from "../service.ts"
import { grant } from "../tail.ts"
import { begin } from "./begin/begin.ts"
import { fromInside } from "./begin/from-inside.ts"
import { timeout } from "./timeout.ts"
import { updateToken } from "./update-token.ts"

const clock = new FakeClock()
const tokens: TokenSource = {
  token: (peer: Peer | undefined) => ({
    token: `hop to ${peer?.address}`,
    expiresAt: clock.now() + 600_000,
  }),
}

const callWith = (headers: Record<string, string>): Call =>
  testCall({
    clock,
    peer: { address: "client" },
    metadata: new Map(Object.entries(headers)),
  })

/** Tokens of the path with the milliseconds that they hold. */
function tokensOf({ path }: Connection): readonly (readonly [string, number | undefined])[] {
  return (path?.pathSegments ?? []).map(({ token, expires }) => [
    token,
    expires && timestampMs(expires) - clock.now(),
  ])
}

const nextHop = { address: "next", id: "spiffe://nsm.local/next" }

/** Calls the next hop as a transport does, with a token for it. */
const callingOn = (token: () => string) =>
  element<NetworkService>("calling-on", (next) => ({
    async request(request, call) {
      const holder = call.get(callee)
      if (holder) holder.peer = nextHop
      const connection = connectionOf(request)
      const pathSegments = [...(connection.path?.pathSegments ?? [])]
      const own = pathSegments[1]
      assert.ok(own && connection.path)
      pathSegments[1] = { ...own, token: token() }
      const path = { ...connection.path, pathSegments }
      return next.request({ ...request, connection: { ...connection, path } }, call)
    },
  }))

describe("updateToken", () => {
  elementContract(() => updateToken({ tokens: unsignedTokens({ clock }) }))

  const service = bind(updateToken({ tokens }), grant)

  it("writes the caller's token into its segment and a fresh one into its own", async () => {
    const expires = new Date(clock.now() + 60_000).toISOString()
    const headers = { [Header.clientToken]: "client to hop", [Header.clientTokenExpires]: expires }
    const granted = await service.request(requestAtHop("hop"), callWith(headers))
    assert.deepEqual(tokensOf(granted), [
      ["client to hop", 60_000],
      ["hop to client", 600_000],
    ])
  })

  it("lets only a close of this hop's own pass when nothing can be signed", async () => {
    const missing = (): never => {
      throw new NsmError("IDENTITY_MISSING", "the certificate expired")
    }
    const seen = record()
    const hop = chain("hop", updateToken({ tokens: { token: missing } }), seen)
    const expired = bind(hop, grant)
    const connection = connectionOf(requestAtHop("hop"))
    await assert.rejects(expired.close(connection, callWith({})), { reason: "IDENTITY_MISSING" })
    await expired.close(connection, callWith({}).with(fromInside, true))
    assert.equal(seen.closes.length, 1)
  })

  it("leaves a connection that its caller cannot close open, until the caller's token ends", async () => {
    const time = new FakeClock()
    let isMissing = false
    const source: TokenSource = {
      token: () => {
        if (isMissing) throw new NsmError("IDENTITY_MISSING", "the certificate expired")
        return { token: "hop", expiresAt: time.now() + 600_000 }
      },
    }
    const seen = record()
    const elements = [begin(), updateToken({ tokens: source }), timeout(), seen]
    const hop = bind(chain("hop", ...elements), grant)
    const granted = await hop.request(requestAtHop("hop"), testCall({ clock: time }))
    isMissing = true
    const tooLate = hop.close(granted, testCall({ clock: time }))
    await assert.rejects(tooLate, { reason: "IDENTITY_MISSING" })
    assert.equal(seen.closes.length, 0)
    await time.advance(600_000)
    assert.equal(seen.closes.length, 1)
  })

  it("reads the end of a token as Go writes it", async () => {
    const headers = {
      [Header.clientToken]: "client to hop",
      [Header.clientTokenExpires]: "2026-01-01T02:00:30.123456789+02:00",
    }
    const granted = await service.request(requestAtHop("hop"), callWith(headers))
    assert.deepEqual(tokensOf(granted)[0], ["client to hop", 30_123])
  })

  it("gives a caller without a token its own lifetime", async () => {
    const granted = await service.request(requestAtHop("hop"), callWith({}))
    assert.deepEqual(tokensOf(granted)[0], ["", 600_000])
  })

  it("gives a caller whose token has no readable end its own lifetime", async () => {
    const headers = { [Header.clientToken]: "client to hop", [Header.clientTokenExpires]: "soon" }
    const granted = await service.request(requestAtHop("hop"), callWith(headers))
    assert.deepEqual(tokensOf(granted)[0], ["", 600_000])
  })

  it("renews the tokens of a close too", async () => {
    const seen = record()
    const closing = bind(chain("hop", updateToken({ tokens }), seen), grant)
    const { connection } = requestAtHop("hop")
    assert.ok(connection)
    await closing.close(connection, callWith({}))
    assert.ok(seen.closes[0])
    assert.deepEqual(tokensOf(seen.closes[0].message)[1], ["hop to client", 600_000])
  })

  it("refuses a caller whose token names somebody else", async () => {
    const { token } = signedTokens({
      source: await fixedIdentity({ id: "spiffe://nsm.local/other", clock }),
      clock,
    }).token(undefined)
    const headers = {
      [Header.clientToken]: token,
      [Header.clientTokenExpires]: new Date(clock.now() + 60_000).toISOString(),
    }
    const of = (id: string): Call =>
      callWith(headers).renewed({ peer: { address: "client", id: `spiffe://nsm.local/${id}` } })
    await service.request(requestAtHop("hop"), of("other"))
    const refused = {
      reason: "TOKEN_INVALID",
      text: /nsm\.local\/client, but its token names .*other/,
    }
    await assert.rejects(service.request(requestAtHop("hop"), of("client")), refused)
    const { connection } = requestAtHop("hop")
    assert.ok(connection)
    await assert.rejects(service.close(connection, of("client")), refused)
  })

  it("gives its caller back what that can check, however often the hop was renewed in between", async () => {
    const identity = await fixedIdentity({ id: "spiffe://nsm.local/hop", clock })
    const [shown] = identity.current.svid.certificates
    const signed = signedTokens({ source: identity, clock })
    const calling = callingOn(() => signed.token(nextHop).token)
    const hop = bind(chain("hop", updateToken({ tokens: signed }), calling), grant)
    await identity.renew()
    const peer = { address: "client", id: "spiffe://nsm.local/client", shown }
    const granted = await hop.request(requestAtHop("hop"), callWith({}).renewed({ peer }))
    const token = granted.path?.pathSegments[1]?.token ?? ""
    const claims = verifiedTokens({ clock }).verify(token, shown)
    assert.deepEqual(claims.audience, [nextHop.id])
  })

  it("closes what a first request was granted when there is no token to answer it with", async () => {
    const identity = await fixedIdentity({ id: "spiffe://nsm.local/hop", clock })
    const [shown] = identity.current.svid.certificates
    const signed = signedTokens({ source: identity, clock })
    let isMissing = false
    const source: TokenSource = {
      token: (peer) => {
        if (isMissing) throw new NsmError("IDENTITY_MISSING", "the certificate expired")
        return signed.token(peer)
      },
    }
    const seen = record()
    const calling = callingOn(() => {
      const { token } = signed.token(nextHop)
      isMissing = true
      return token
    })
    const hop = bind(chain("hop", updateToken({ tokens: source }), calling, seen), grant)
    const peer = { address: "client", id: "spiffe://nsm.local/client", shown }
    const asking = hop.request(requestAtHop("hop"), callWith({}).renewed({ peer }))
    await assert.rejects(asking, { reason: "IDENTITY_MISSING" })
    assert.equal(seen.closes.length, 1)
  })
})
