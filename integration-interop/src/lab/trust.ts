import { expose, grpcTransport, type Identity, type Transport, workloadWire } from "@nsm/sdk"
import { type Authority, createAuthority, workloads } from "@nsm/sdk/authority"

/** The trust domain of all meshes here. */
export const trustDomain = "nsm.local"

/**
 * An authority that serves the Workload API on a socket for each name, so that it knows who asks
 * whatever the process is, and that can also issue what no authority should.
 */
export class Trust implements AsyncDisposable {
  readonly authority: Authority
  readonly #directory: string
  readonly #transport: Transport = grpcTransport({ name: "authority" })
  readonly #served = new Map<string, Promise<string>>()

  /** Starts it; its sockets lie in the directory. */
  static async up(
    directory: string,
    options: { readonly svidLifetimeMs?: number } = {},
  ): Promise<Trust> {
    return new Trust(directory, await createAuthority({ trustDomain, ...options }))
  }

  private constructor(directory: string, authority: Authority) {
    this.#directory = directory
    this.authority = authority
  }

  /** SPIFFE id of a name. */
  idOf(name: string): string {
    return `spiffe://${trustDomain}/${name}`
  }

  /** URL of the Workload API for a name. */
  async socketOf(name: string): Promise<string> {
    const served = this.#served.get(name) ?? this.#serve(name)
    this.#served.set(name, served)
    return await served
  }

  /** An identity for this process itself. */
  async identity(name: string): Promise<Identity> {
    const bundles = new Map([[trustDomain, this.authority.bundle]])
    return { svid: await this.authority.issue(this.idOf(name)), bundles }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#transport[Symbol.asyncDispose]()
    this.authority[Symbol.dispose]()
  }

  async #serve(name: string): Promise<string> {
    const id = this.idOf(name)
    const attestor = { idOf: () => id, onChange: () => ({ [Symbol.dispose]() {} }) }
    const service = workloads({ authority: this.authority, attestor })
    const url = `unix://${this.#directory}/${name}.spiffe`
    return (await this.#transport.listen(url, [expose(workloadWire, service)])).url
  }
}
