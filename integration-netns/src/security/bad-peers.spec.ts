import assert from "node:assert/strict"
import type { KeyObject } from "node:crypto"
import { create, toBinary } from "@bufbuild/protobuf"
import {
  MonitorScopeSelectorSchema,
  NetworkServiceEndpointSchema,
  NetworkServiceRequestSchema,
} from "@nsm/api"
import {
  bind,
  endpointKind,
  networkServiceEndpointRegistryWire,
  networkServiceWire,
  sendRegistryPath,
  sentMetadata,
  silentLog,
  systemClock,
  type Token,
  type TokenSource,
  withCall,
  type Reason,
  type Peer,
  type Call,
  rootCause,
  NsmError,
} from "@nsm/sdk"
import { type Authority, newKey } from "@nsm/sdk/authority"
import { jwt } from "@nsm/sdk/testing"
import { Clients } from "../lab/clients.ts"
import { connectionsAt } from "../lab/connections.ts"
import { Lab, type LabNode } from "../lab/lab.ts"
import { needsPrivilege } from "../lab/privilege.ts"
import { sendRaw } from "../lab/raw-client.ts"
import { assertRefused, type Refusal } from "../lab/refusal.ts"
import { type Caller, forged, stolenAuthority, stranger } from "./forgery.ts"
import { refusedBy, refusesMore } from "./refused-connections.ts"
import { registeredEndpoints } from "../lab/registered-endpoints.ts"

const requestPath = "/networkservice.NetworkService/Request"
const hop = "nsmgr-node-1"

/** A certificate that must be refused, and what the manager counts for it. */
interface CertificateCase {
  readonly title: string
  readonly caller: (authority: Authority) => Promise<Caller>
  readonly counted: Reason
}

const certificates: readonly CertificateCase[] = [
  {
    title: "an expired certificate",
    caller: (authority) => forged(authority, "expired"),
    counted: "PEER_NOT_TRUSTED",
  },
  {
    title: "a certificate that is not valid yet",
    caller: (authority) => forged(authority, "not yet valid"),
    counted: "PEER_NOT_TRUSTED",
  },
  {
    title: "a certificate of another trust domain",
    caller: (authority) => stranger(authority, "spiffe://elsewhere.example/nsc"),
    counted: "PEER_NOT_TRUSTED",
  },
  {
    title: "a certificate of the trust domain's name under another root",
    caller: (authority) => stranger(authority, "spiffe://nsm.local/nsc"),
    counted: "PEER_NOT_TRUSTED",
  },
  {
    title: "a certificate with two URIs",
    caller: (authority) => forged(authority, "two URIs"),
    counted: "IDENTITY_INVALID",
  },
  {
    title: "a certificate without a URI",
    caller: (authority) => forged(authority, "no URI"),
    counted: "IDENTITY_INVALID",
  },
  {
    title: "an authority's certificate as its own",
    caller: (authority) => forged(authority, "authority as leaf"),
    counted: "IDENTITY_INVALID",
  },
]

/** A token that must be refused. */
interface TokenCase extends Refusal {
  readonly title: string
  /** Made of what a client in order would send. */
  readonly token: (right: Right) => string
}

interface Right extends Token {
  readonly peer: Peer
  readonly id: string
  readonly key: KeyObject
}

const denied = { reason: "PERMISSION_DENIED", hop } as const
const soon = (): number => Math.floor(Date.now() / 1000) + 60

const tokens: readonly TokenCase[] = [
  {
    title: "signed by another key",
    token: ({ id, peer }) =>
      jwt({ sub: id, aud: [peer.id], exp: soon() }, { key: newKey().privateKey }),
    ...{ ...denied, text: /server\/prev_token_signed.*not signed with that key/ },
  },
  {
    title: "truncated in its signature",
    token: ({ token }) => token.slice(0, -20),
    ...{ ...denied, text: /server\/prev_token_signed/ },
  },
  {
    title: "truncated in its payload",
    token: ({ token }) => token.slice(0, token.indexOf(".") + 20),
    ...{ ...denied, text: /common\/tokens_valid.*no JWT/ },
  },
  {
    title: "with a string audience",
    token: ({ id, key, peer }) => jwt({ sub: id, aud: peer.id, exp: soon() }, { key }),
    ...{ ...denied, text: /common\/tokens_(valid|chained)/ },
  },
  {
    title: "expired",
    token: ({ id, key, peer }) => jwt({ sub: id, aud: [peer.id], exp: soon() - 120 }, { key }),
    ...{ ...denied, text: /common\/tokens_expired/ },
  },
  {
    title: "made for another hop, and replayed on this path",
    token: ({ id, key }) =>
      jwt({ sub: id, aud: ["spiffe://nsm.local/uid/0/registry"], exp: soon() }, { key }),
    ...{ ...denied, text: /common\/tokens_chained.*uid\/0\/registry/ },
  },
  {
    title: "made by somebody else, and replayed on this path",
    token: ({ peer }) =>
      jwt(
        { sub: "spiffe://nsm.local/uid/0/nse-1", aud: [peer.id], exp: soon() },
        { key: newKey().privateKey },
      ),
    ...{
      reason: "TOKEN_INVALID",
      hop,
      text: /its token names spiffe:\/\/nsm.local\/uid\/0\/nse-1/,
    },
  },
  {
    title: "of absurd size",
    token: ({ token }) => `${token}${"A".repeat(20_000)}`,
    ...{ ...denied, text: /common\/tokens_valid.*a token of \d+ characters/ },
  },
  {
    title: "of a megabyte",
    token: ({ token }) => `${token}${"A".repeat(2 ** 20)}`,
    // Nothing so long goes into the headers of HTTP/2, and it does not leave this process.
    ...{ reason: "INVALID_REQUEST", hop: undefined, text: /"nsm-client-token".*at most 60000/ },
  },
  {
    title: "that is none",
    token: () => "",
    ...{ ...denied, text: /common\/tokens_valid.*no token/ },
  },
]

describe("a peer that is not who it should be", function () {
  this.timeout(60_000)
  let lab: Lab
  let node: LabNode
  let authority: Authority
  let registered: unknown
  before(needsPrivilege)
  before(async () => {
    // What the most talkative daemons write is searched for secrets at the end.
    lab = await Lab.up({ settings: { NSM_LOG_LEVEL: "TRACE" } })
    node = await lab.addNode("node-1")
    await lab.addEndpoint("nse-1", node)
    authority = await stolenAuthority(lab)
    registered = await registeredEndpoints(lab, node)
  })
  after(() => lab?.[Symbol.asyncDispose]())

  afterEach("nothing is stored, and nobody has crashed", async () => {
    assert.equal(await connectionsAt(node.manager), 0)
    assert.equal(await connectionsAt(node.forwarder), 0)
    assert.deepEqual(lab.interfaces("nse-1"), [])
    assert.deepEqual(await registeredEndpoints(lab, node), registered)
    assert.deepEqual(lab.processes.map(({ name }) => name).toSorted(), [
      "authority",
      "forwarder-node-1",
      "nse-1",
      "nsmgr-node-1",
      "registry",
    ])
  })

  const requestAs = async (identity: Caller): Promise<unknown> => {
    const { url: namespaceUrl } = lab.network("nse-1")
    await using clients = new Clients({ managerUrl: node.managerUrl, identity, timeoutMs: 5000 })
    return await clients.request({ id: "refused", namespaceUrl })
  }

  describe("its certificate", () => {
    it("is believed when nothing is wrong with it", async () => {
      const { url: namespaceUrl } = lab.addNetwork("client")
      const identity = await forged(authority)
      await using clients = new Clients({ managerUrl: node.managerUrl, identity })
      await clients.close(await clients.request({ id: "in-order", namespaceUrl }))
      lab.dropNetwork("client")
    })

    for (const { title, caller, counted } of certificates) {
      it(`${title} is refused; the caller is told, and ${counted} is counted`, async () => {
        const before = await refusedBy(node.manager, counted)
        const failure = await requestAs(await caller(authority)).then(
          () => assert.fail("it was granted"),
          (thrown: unknown) => NsmError.from(thrown),
        )
        assert.equal(rootCause(failure).reason, "REFUSED_BY_PEER", failure.message)
        assert.match(failure.message, /when it saw the certificate of spiffe:\/\//)
        await refusesMore(node.manager, counted, before)
      })
    }

    const bytes = Buffer.from(
      toBinary(NetworkServiceRequestSchema, create(NetworkServiceRequestSchema)),
    )
    it("is missed where it shows none", async () => {
      const { bundles } = lab.identity.source?.current ?? assert.fail("there are no identities")
      const before = await refusedBy(node.manager, "PEER_NOT_TRUSTED")
      const { message } = await sendRaw(node.managerUrl, { path: requestPath, bytes }, { bundles })
      assert.match(message, /UNAVAILABLE/)
      await refusesMore(node.manager, "PEER_NOT_TRUSTED", before)
    })

    it("is asked for of one who speaks without TLS", async () => {
      const before = await refusedBy(node.manager, "PEER_NOT_TRUSTED")
      const { message } = await sendRaw(node.managerUrl, { path: requestPath, bytes })
      assert.match(message, /UNAVAILABLE/)
      await refusesMore(node.manager, "PEER_NOT_TRUSTED", before)
    })
  })

  describe("its token", () => {
    for (const { title, token, ...refusal } of tokens) {
      it(`${title} is refused with ${refusal.reason} at ${refusal.hop ?? "once"}`, async () => {
        const failure = await assertRefused(requestAs(sending(token)), refusal)
        assert.doesNotMatch(failure.message, /eyJ/, "the token is in the error")
      })
    }
  })

  describe("its registration", () => {
    const entry = create(NetworkServiceEndpointSchema, {
      name: "nse-1",
      url: "tcp://192.0.2.1:5000",
      networkServiceNames: ["icmp-responder"],
    })

    it("is refused with PATH_INVALID when the header path is no JSON", async () => {
      await using transport = lab.transport()
      const registry = transport.client(node.managerUrl, networkServiceEndpointRegistryWire)
      const sent = new Map([["path", '{"Index":0,"PathSegments":[']])
      await assertRefused(
        inCall((call) => registry.register(entry, call.with(sentMetadata, sent))),
        { reason: "PATH_INVALID", hop, text: /header path is no JSON object/ },
      )
    })

    it("is refused with PERMISSION_DENIED under a name that somebody else owns", async () => {
      await using transport = lab.transport()
      const registry = bind(
        sendRegistryPath(endpointKind),
        transport.client(node.managerUrl, networkServiceEndpointRegistryWire),
      )
      const refusal: Refusal = {
        ...denied,
        text: /registry\/client_allowed.*nse-1.*was registered by.*uid\/0\/nse-1/,
      }
      const taken = inCall((call) => registry.register(entry, call))
      await assertRefused(taken, refusal)
      const removed = inCall((call) => registry.unregister(entry, call))
      await assertRefused(removed, refusal)
    })
  })

  it("does not see the connections of others", async () => {
    await using transport = lab.transport()
    const service = transport.client(node.managerUrl, networkServiceWire)
    await assertRefused(
      inCall(async (call) => {
        for await (const _ of service.monitorConnections(create(MonitorScopeSelectorSchema), call))
          return
      }),
      { ...denied, text: /monitor\/service_connection/ },
    )
  })

  /** Somebody of the lab, with a token of another make. */
  function sending(make: (right: Right) => string): Caller {
    const { connections, source } = lab.identity
    assert.ok(connections.tokens && source)
    const { tokens: right } = connections
    const { id, privateKey: key } = source.current.svid
    const wrong: TokenSource = {
      token(peer) {
        const { token, expiresAt } = right.token(peer)
        return peer
          ? { token: make({ token, expiresAt, peer, id, key }), expiresAt }
          : { token, expiresAt }
      },
    }
    return { connections: { ...connections, tokens: wrong } }
  }
})

function inCall<T>(run: (call: Call) => Promise<T>): Promise<T> {
  return withCall({ clock: systemClock, log: silentLog, timeoutMs: 5000 }, run)
}
