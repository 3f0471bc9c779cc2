import type { X509Certificate } from "node:crypto"
import { connect as connectTcp } from "node:net"
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls"
import type { CertificateFault } from "@nsm/sdk/testing"
import { NotApplicable, type Role } from "./check.ts"
import { type Credentials, urisOf } from "./credentials.ts"
import { Probe } from "./probe.ts"

/** What is checked, and what there is to check it with. */
export interface SubjectOptions {
  readonly role: Role
  /** `tcp://host:port` or `unix:///path`. */
  readonly address: string
  readonly as: Credentials
  /** Somebody else of the same trust domain. */
  readonly other?: Credentials | undefined
  /** Issues a faulty certificate under a root that the subject believes. */
  readonly forge?: ((fault: CertificateFault) => Promise<Credentials>) | undefined
  /** An identity of the same trust domain name under a root that nobody knows. */
  readonly stranger: Credentials
  /** The manager of a forwarder that is checked. */
  readonly manager?: string | undefined
  /** The network service of an endpoint that is checked. */
  readonly service?: string | undefined
  /** Where the subject reaches this process: an address of this machine, or a folder both see. */
  readonly place: string
}

/** What is checked. */
export class Subject implements Disposable {
  readonly role: Role
  readonly address: string
  readonly as: Credentials
  readonly place: string
  /** The leaf that it shows. */
  readonly certificate: X509Certificate
  /** Its SPIFFE id. */
  readonly id: string
  readonly probe: Probe
  readonly #options: SubjectOptions
  readonly #open = new DisposableStack()

  /** Gets to know the one that is checked. */
  static async at(options: SubjectOptions): Promise<Subject> {
    const { role, address, as } = options
    const { certificate } = await handshake(address, secured(as))
    const [id] = certificate ? urisOf(certificate) : []
    if (!certificate || id === undefined) {
      throw new Error(`the ${role} at ${address} shows no certificate with a SPIFFE id`)
    }
    return new Subject(options, certificate, id)
  }

  private constructor(options: SubjectOptions, certificate: X509Certificate, id: string) {
    this.#options = options
    this.role = options.role
    this.address = options.address
    this.as = options.as
    this.place = options.place
    this.certificate = certificate
    this.id = id
    this.probe = this.caller(options.as)
  }

  /** A caller with another identity. */
  caller(as: Credentials): Probe {
    return this.#open.use(new Probe(this.address, as, this.id))
  }

  /** Somebody else of the trust domain. */
  get other(): Credentials {
    return given(this.#options.other, "no second identity was given")
  }

  get stranger(): Credentials {
    return this.#options.stranger
  }

  /** Somebody with a faulty certificate. */
  async forged(fault: CertificateFault): Promise<Credentials> {
    const { forge } = this.#options
    return await given(forge, "nobody is there who issues faulty certificates")(fault)
  }

  get service(): string {
    return given(this.#options.service, "the endpoint's network service was not named")
  }

  /** A caller of the manager that the subject belongs to. */
  async manager(): Promise<Probe> {
    if (this.role === "nsmgr") return this.probe
    const address = given(this.#options.manager, "the forwarder's manager was not named")
    const { certificate } = await handshake(address, secured(this.as))
    const [id = ""] = certificate ? urisOf(certificate) : []
    return this.#open.use(new Probe(address, this.as, id))
  }

  [Symbol.dispose](): void {
    this.#open.dispose()
  }
}

/** What came of a handshake. */
export interface Handshake {
  readonly protocol: string | null
  readonly alpn: string | false | null
  readonly certificate: X509Certificate | undefined
  /** Whether the server's certificate leads to the roots. */
  readonly isAuthorized: boolean
  /** Why it failed, at once or when the server had looked at what it was sent. */
  readonly failure: string | undefined
}

/** A TLS server that refuses a client's certificate may say so only after the client is done. */
const patienceMs = 1000

/** Shakes hands, and waits whether the server leaves it at that. */
export async function handshake(address: string, options: ConnectionOptions): Promise<Handshake> {
  const socket = connect({
    ...placeOf(address),
    ALPNProtocols: ["h2"],
    rejectUnauthorized: false,
    ...options,
  })
  const failure = await new Promise<string | undefined>((resolve) => {
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    socket.once("close", () => resolve("closed"))
    // The first bytes of HTTP/2 are the server's settings: whoever sends them has accepted.
    socket.once("data", () => resolve(undefined))
    setTimeout(() => resolve("no answer"), patienceMs).unref()
    socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", "latin1")
  })
  const seen = {
    protocol: socket.getProtocol(),
    alpn: socket.alpnProtocol,
    certificate: shown(socket),
    isAuthorized: socket.authorized,
    failure,
  }
  socket.destroy()
  return seen
}

/** What a connection answers to bytes without TLS; empty when nothing. */
export async function plainly(address: string): Promise<string> {
  const socket = connectTcp(placeOf(address))
  const answer = await new Promise<string>((resolve) => {
    socket.once("error", () => resolve(""))
    socket.once("close", () => resolve(""))
    socket.once("data", (bytes) => resolve(bytes.toString("latin1")))
    setTimeout(() => resolve(""), patienceMs).unref()
    socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", "latin1")
  })
  socket.destroy()
  return answer
}

/** How a client shows an identity, where a SPIFFE id stands in place of a host's name. */
export function secured({
  rootsPem: ca,
  keyPem: key,
  chainPem: cert,
}: Credentials): ConnectionOptions {
  return { ca, key, cert, checkServerIdentity: () => undefined }
}

function placeOf(address: string): { path: string } | { host: string; port: number } {
  const { protocol, pathname, hostname, port } = new URL(address.replace(/^tcp:/, "http:"))
  if (protocol === "unix:") return { path: pathname }
  return { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) }
}

function shown(socket: TLSSocket): X509Certificate | undefined {
  return socket.getPeerX509Certificate()
}

function given<T>(value: T | undefined, why: string): T {
  if (value === undefined) throw new NotApplicable(why)
  return value
}
