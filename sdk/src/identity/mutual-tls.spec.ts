import assert from "node:assert/strict"
import { type KeyObject, X509Certificate } from "node:crypto"
import { once } from "node:events"
import { connect as dial, createServer, type Socket } from "node:net"
import { Duplex } from "node:stream"
import { connect as tlsConnect, createSecureContext, TLSSocket } from "node:tls"
import { createAuthority } from "../authority/authority.ts"
import { makeCertificate, signingAlgorithm, signingKey } from "../authority/certificate.ts"
import { issueSvid, newKey } from "../authority/issuer.ts"
import { BasicConstraintsExtension, X509CertificateGenerator } from "../authority/x509.ts"
import { NsmError } from "../core/errors.ts"
import type { Reason } from "../core/reasons.ts"
import { FakeClock } from "../testing/fake-clock.ts"
import {
  type CertificateFault,
  type FixedIdentity,
  fixedIdentity,
} from "../testing/fixed-identity.ts"
import type { Secured, Security } from "../transport/grpc/security.ts"
import type { IdentitySource, X509Svid } from "./identity.ts"
import { mutualTls } from "./mutual-tls.ts"

const nsc = "spiffe://nsm.test/nsc"
const nsmgr = "spiffe://nsm.test/nsmgr"
const hour = 3_600_000

describe("mutualTls", () => {
  let client: FixedIdentity
  let server: FixedIdentity
  before(async () => {
    client = await fixedIdentity({ id: nsc })
    server = await fixedIdentity({ id: nsmgr, authority: client.authority })
  })

  it("tells both sides who the other is, and until when that holds", async () => {
    const met = await meet(mutualTls({ source: client }), mutualTls({ source: server }))
    assert.equal(met.client.secured?.peer.id, nsmgr)
    assert.equal(met.server.secured?.peer.id, nsc)
    assert.ok(
      met.server.secured?.peer.certificate?.raw.equals(client.current.svid.certificates[0].raw),
    )
    assert.equal(met.server.secured?.peer.shown, server.current.svid.certificates[0])
    assert.equal(met.client.secured?.peer.shown, client.current.svid.certificates[0])
    const ends = [client, server].map(({ current }) => current.svid.expiresAt)
    assert.equal(met.client.secured?.expiresAt, Math.min(...ends))
    assert.equal(met.server.secured?.expiresAt, Math.min(...ends))
  })

  it("carries bytes both ways, natively where the sockets are", async () => {
    const met = await meet(mutualTls({ source: client }), mutualTls({ source: server }), {
      async meanwhile(one, other) {
        one.write("question")
        assert.equal(String((await once(other, "data"))[0]), "question")
        other.write("answer")
        assert.equal(String((await once(one, "data"))[0]), "answer")
      },
    })
    assert.ok(met.client.secured?.stream instanceof TLSSocket)
  })

  it("works over streams that are no sockets", async () => {
    await meet(mutualTls({ source: client }), mutualTls({ source: server }), {
      wrap: (socket) => new Layer(socket),
      async meanwhile(one, other) {
        one.write("question")
        assert.equal(String((await once(other, "data"))[0]), "question")
        other.write("answer")
        assert.equal(String((await once(one, "data"))[0]), "answer")
      },
    })
  })

  it("uses the identity that is current", async () => {
    const renewed = await fixedIdentity({ id: nsc, authority: client.authority })
    const [one, other] = [mutualTls({ source: renewed }), mutualTls({ source: server })]
    const shownBy = async (): Promise<string | undefined> =>
      (await meet(one, other)).server.secured?.peer.certificate?.serialNumber
    const first = await shownBy()
    assert.equal(await shownBy(), first)
    await renewed.renew()
    assert.equal(await shownBy(), renewed.current.svid.certificates[0].serialNumber)
    assert.notEqual(await shownBy(), first)
  })

  it("believes certificates of intermediate authorities", async () => {
    const source = fixed(client, await issuedBelow(client))
    const met = await meet(mutualTls({ source }), mutualTls({ source }))
    assert.equal(met.server.secured?.peer.id, nsc)
    assert.equal(met.client.secured?.peer.id, nsc)
  })

  it("believes trust domains that are joined", async () => {
    using other = await createAuthority({ trustDomain: "other.test" })
    const here = await fixedIdentity({ id: nsc, joined: [other] })
    const there = await fixedIdentity({
      ...{ id: "spiffe://other.test/nse", authority: other, joined: [here.authority] },
    })
    const met = await meet(mutualTls({ source: here }), mutualTls({ source: there }))
    assert.equal(met.client.secured?.peer.id, "spiffe://other.test/nse")
    assert.equal(met.server.secured?.peer.id, nsc)
  })

  describe("refuses, as either side and so that both know why, a certificate", () => {
    const faults: readonly [CertificateFault, Reason, RegExp][] = [
      ["expired", "PEER_NOT_TRUSTED", /nsm\.test\/nsc expired at \d{4}-.*, and it is \d{4}-/],
      ["not yet valid", "PEER_NOT_TRUSTED", /nsm\.test\/nsc is valid from \d{4}-.* on, and it is/],
      ["two URIs", "IDENTITY_INVALID", /with 2 URIs/],
      ["no URI", "IDENTITY_INVALID", /with 0 URIs/],
      ["no SPIFFE id", "IDENTITY_INVALID", /https:\/\/example\.org\/a/],
      ["authority as leaf", "IDENTITY_INVALID", /nsm\.test\/nsc may sign others/],
    ]
    for (const [fault, reason, text] of faults) {
      it(`with the fault: ${fault}`, async () => {
        const { current } = await fixedIdentity({ id: nsc, authority: client.authority, fault })
        // It does not see the fault itself.
        await refuses(fixed(client, { ...current.svid, expiresAt: Date.now() + hour }), {
          ...{ reason, text },
        })
      })
    }

    it("of a trust domain that is not joined", async () => {
      using other = await createAuthority({ trustDomain: "other.test" })
      const bad = await fixedIdentity({
        ...{ id: "spiffe://other.test/nsc", authority: other, joined: [client.authority] },
      })
      await refuses(bad, {
        reason: "PEER_NOT_TRUSTED",
        text: /other\.test\/nsc is of the trust domain other\.test,.* \(known: nsm\.test\)/,
      })
    })

    it("of a joined trust domain that vouches for another's id", async () => {
      using other = await createAuthority({ trustDomain: "other.test" })
      const trusting = await fixedIdentity({
        ...{ id: nsmgr, authority: client.authority, joined: [other] },
      })
      const svid = await issueSvid(other.issuer, { id: nsc, now: Date.now(), lifetimeMs: hour })
      await refuses(
        fixed(trusting, svid),
        { reason: "PEER_NOT_TRUSTED", text: /nsc does not lead .* of the trust domain nsm\.test/ },
        trusting,
      )
    })

    it("of an authority of the same name that is another", async () => {
      const bad = await fixedIdentity({ id: nsc })
      await refuses(fixed(client, bad.current.svid), {
        ...{ reason: "PEER_NOT_TRUSTED", text: /does not lead to any of the 1 valid roots/ },
      })
    })

    it("that a workload signed with its own", async () => {
      const { certificates, privateKey } = client.current.svid
      const leaf = { certificate: certificates[0], privateKey, above: [] }
      const svid = await issueSvid(
        { ...leaf, root: client.authority.issuer.root },
        { id: nsc, now: Date.now(), lifetimeMs: hour },
      )
      await refuses(fixed(client, svid), { reason: "PEER_NOT_TRUSTED", text: /does not lead/ })
    })

    it("of an intermediate authority that may have none below it", async () => {
      const last = await issuedBelow(client, { pathLength: 0 })
      await refuses(fixed(client, await issuedBelow(client, { pathLength: 0, depth: 2 })), {
        ...{ reason: "PEER_NOT_TRUSTED", text: /nsc are not in order/ },
      })
      const met = await meet(
        mutualTls({ source: fixed(client, last) }),
        mutualTls({ source: server }),
      )
      assert.equal(met.server.secured?.peer.id, nsc)
    })

    const refuses = async (
      bad: IdentitySource,
      { reason, text }: { reason: Reason; text: RegExp },
      good: IdentitySource = server,
    ): Promise<void> => {
      const [badSide, goodSide] = [mutualTls({ source: bad }), mutualTls({ source: good })]
      const dialled = await meet(badSide, goodSide)
      assertFailed(dialled.server, reason, text)
      const { id } = bad.current.svid
      const refused = new RegExp(`certificate of ${id}, which is valid until \\d{4}-`)
      assertFailed(dialled.client, "REFUSED_BY_PEER", refused)
      const dialling = await meet(goodSide, badSide)
      assertFailed(dialling.client, reason, text)
      assertFailed(dialling.server, "REFUSED_BY_PEER", refused)
    }
  })

  describe("refuses a peer", () => {
    it("that shows no certificate, and says so in TLS", async () => {
      const nameless = stranger((socket) =>
        tlsConnect({ socket, ALPNProtocols: ["h2"], rejectUnauthorized: false }),
      )
      const met = await meet(nameless, mutualTls({ source: server }))
      assertFailed(met.server, "PEER_NOT_TRUSTED", /showed no certificate/)
      assert.match(String(met.client.failure?.cause), /alert certificate required/)
    })

    it("that does not speak TLS", async () => {
      const plain = stranger((socket) => {
        socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        return socket
      })
      const called = await meet(plain, mutualTls({ source: server }))
      assertFailed(called.server, "PEER_NOT_TRUSTED", /does not speak TLS/)
      const calling = await meet(mutualTls({ source: client }), plain)
      assertFailed(calling.client, "PEER_NOT_TRUSTED", /does not speak TLS/)
    })

    for (const [what, ALPNProtocols] of [
      ["other things than HTTP/2", ["http/1.1"]],
      ["nothing in particular", undefined],
    ] as const) {
      it(`that speaks TLS for ${what}`, async () => {
        const own = pem(client.current.svid)
        const offers = ALPNProtocols && { ALPNProtocols: [...ALPNProtocols] }
        const caller = stranger((socket) =>
          tlsConnect({ socket, ...own, ...offers, rejectUnauthorized: false }),
        )
        const called = await meet(caller, mutualTls({ source: server }))
        assertFailed(called.server, "UNIMPLEMENTED", /not HTTP\/2/)
        const callee = stranger(
          (socket) =>
            new TLSSocket(socket, {
              ...{ isServer: true, secureContext: createSecureContext(own), ...offers },
            }),
        )
        const calling = await meet(mutualTls({ source: client }), callee)
        assertFailed(calling.client, "UNIMPLEMENTED", /not HTTP\/2/)
      })
    }

    it("that does not come to an end", async () => {
      const clock = new FakeClock(Date.now())
      const mute = stranger((socket) => socket)
      for (const side of ["client", "server"] as const) {
        const own = mutualTls({ source: client, clock, handshakeTimeoutMs: 3000 })
        const meeting = side === "client" ? meet(own, mute) : meet(mute, own)
        while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve))
        await clock.advance(3000)
        assertFailed((await meeting)[side], "DEADLINE_EXCEEDED", /TLS handshake within 3000 ms/)
      }
    })
  })

  it("begins nothing with an identity that has expired", async () => {
    const { current } = await fixedIdentity({
      ...{ id: nsc, authority: client.authority, fault: "expired" },
    })
    const met = await meet(
      mutualTls({ source: fixed(client, current.svid) }),
      mutualTls({ source: server }),
    )
    assertFailed(met.client, "IDENTITY_MISSING", /nsm\.test\/nsc expired at \d{4}-/)
    assertFailed(met.server, "PEER_UNREACHABLE", /lost during the TLS handshake/)
  })

  it("begins nothing with a key that does not fit", async () => {
    const { current } = await fixedIdentity({ id: nsc, fault: "stolen key" })
    const met = await meet(
      mutualTls({ source: fixed(client, current.svid) }),
      mutualTls({ source: server }),
    )
    assertFailed(met.client, "IDENTITY_INVALID", /nsm\.test\/nsc do not go together/)
  })
})

/** What a stream over a socket is at least. */
class Layer extends Duplex {
  readonly #socket: Socket

  constructor(socket: Socket) {
    super()
    this.#socket = socket
    socket.on("data", (bytes) => this.push(bytes) || socket.pause())
    socket.on("end", () => this.push(null))
    socket.on("close", () => this.destroy())
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(bytes: Buffer, _: string, done: (error?: Error | null) => void): void {
    this.#socket.write(bytes, done)
  }

  override _final(done: () => void): void {
    this.#socket.end(done)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy()
    done(error)
  }
}

interface Outcome {
  readonly secured?: Secured
  readonly failure?: NsmError
}

/** Lets two sides shake hands over TCP, and closes everything. */
async function meet(
  client: Security,
  server: Security,
  {
    wrap = (socket) => socket,
    meanwhile = async () => {},
  }: {
    wrap?: (socket: Socket) => Duplex
    meanwhile?: (client: Duplex, server: Duplex) => Promise<void>
  } = {},
): Promise<{ client: Outcome; server: Outcome }> {
  const accepted = Promise.withResolvers<Socket>()
  const gate = createServer((socket) => accepted.resolve(socket.on("error", () => {})))
  await new Promise<void>((resolve) => gate.listen(0, "127.0.0.1", resolve))
  const { port } = gate.address() as { port: number }
  const dialled = dial(port, "127.0.0.1").on("error", () => {})
  const sockets = [dialled, await accepted.promise] as const
  const sides = await Promise.all([
    outcome(client.client(wrap(sockets[0])), sockets[0]),
    outcome(server.server(wrap(sockets[1])), sockets[1]),
  ])
  const [one, other] = sides
  if (one.secured && other.secured) {
    await meanwhile(one.secured.stream, other.secured.stream)
    one.secured.stream.destroy()
  }
  const ended = await Promise.all(sides.map((side) => whatBecameOf(side)))
  // Ends only when nothing of the connection is left.
  await new Promise((resolve) => gate.close(resolve))
  const [left = one, right = other] = one.secured && other.secured ? sides : ended
  return { client: left, server: right }
}

async function outcome(securing: Promise<Secured>, socket: Socket): Promise<Outcome> {
  try {
    return { secured: await securing }
  } catch (thrown) {
    socket.destroy()
    assert.ok(thrown instanceof NsmError, String(thrown))
    return { failure: thrown }
  }
}

/** How it ends for the side that had done its part. */
async function whatBecameOf({ secured, failure }: Outcome): Promise<Outcome> {
  if (!secured) return failure ? { failure } : {}
  let error: Error | undefined
  secured.stream.on("error", (thrown) => (error = thrown)).resume()
  if (!secured.stream.closed) await once(secured.stream, "close").catch(() => {})
  return { failure: secured.refused?.(error) ?? new NsmError("CANCELLED", "over") }
}

/** A side that is none of ours: it does what it does until it is closed. */
function stranger(begin: (socket: Duplex) => Duplex): Security {
  const side = async (socket: Duplex): Promise<Secured> => {
    const { promise, reject } = Promise.withResolvers<never>()
    let cause: Error | undefined
    begin(socket)
      .on("error", (thrown) => (cause = thrown))
      .on("close", () => reject(new NsmError("CANCELLED", "closed", { cause })))
      .resume()
    return await promise
  }
  return { client: side, server: side }
}

function assertFailed({ secured, failure }: Outcome, reason: Reason, text: RegExp): void {
  assert.equal(secured?.peer.id, undefined)
  assert.equal(failure?.reason, reason, String(failure))
  assert.match(failure?.text ?? "", text)
}

/** Another certificate, with the same roots. */
function fixed({ current }: IdentitySource, svid: X509Svid): IdentitySource {
  return { current: { ...current, svid }, onChange: () => ({ [Symbol.dispose]() {} }) }
}

function pem({ certificates, privateKey }: X509Svid): { cert: string; key: string } {
  const key = privateKey.export({ type: "pkcs8", format: "pem" }) as string
  return { cert: certificates.map(String).join(""), key }
}

/** Issued by an authority that is so many steps below the root. */
async function issuedBelow(
  { authority: { issuer } }: FixedIdentity,
  { depth = 1, pathLength }: { depth?: number; pathLength?: number } = {},
): Promise<X509Svid> {
  let above = { certificate: issuer.root, privateKey: issuer.privateKey }
  const certificates: X509Certificate[] = []
  for (let step = 0; step < depth; step++) {
    const { publicKey, privateKey } = newKey()
    const certificate = await intermediate(
      { publicKey, name: `authority-${step}`, pathLength },
      above,
    )
    certificates.unshift(certificate)
    above = { certificate, privateKey }
  }
  const { publicKey, privateKey } = newKey()
  const [notBefore, notAfter] = [Date.now() - 1000, Date.now() + hour]
  const contents = { publicKey, name: "workload", uris: [nsc], isAuthority: false }
  const leaf = await makeCertificate({ ...contents, notBefore, notAfter }, above)
  return { id: nsc, certificates: [leaf, ...certificates], privateKey, expiresAt: notAfter }
}

async function intermediate(
  {
    publicKey,
    name,
    pathLength,
  }: { publicKey: KeyObject; name: string; pathLength: number | undefined },
  by: { certificate: X509Certificate; privateKey: KeyObject },
): Promise<X509Certificate> {
  const made = await X509CertificateGenerator.create({
    subject: [{ CN: [name] }],
    issuer: by.certificate.subject.split("\n").join(", "),
    notBefore: new Date(Date.now() - 1000),
    notAfter: new Date(Date.now() + hour),
    publicKey: publicKey.export({ type: "spki", format: "der" }),
    signingKey: signingKey(by.privateKey),
    signingAlgorithm,
    extensions: [new BasicConstraintsExtension(true, pathLength, true)],
  })
  return new X509Certificate(Buffer.from(made.rawData))
}
