import { type Authority, createAuthority } from "../authority/authority.ts"
import { spiffeHeader } from "../authority/spiffe-header.ts"
import { workloads } from "../authority/workloads.ts"
import { bind } from "../core/chain.ts"
import { type Clock, systemClock } from "../core/clock.ts"
import { parseSpiffeId } from "../identity/spiffe-id.ts"
import { workloadWire } from "../identity/workload-service.ts"
import { Listeners } from "../tools/listeners.ts"
import { grpcTransport } from "../transport/grpc/transport.ts"
import { expose } from "../transport/transport.ts"

/** Who everyone is who asks there. */
export interface ServedIdentityOptions {
  /** Of a unix socket; becomes SPIFFE_ENDPOINT_SOCKET of a daemon. */
  readonly url: string
  readonly id: string
  /** Who issues it. @default a new one of the id's trust domain */
  readonly authority?: Authority
  /** @default systemClock */
  readonly clock?: Clock
}

/** A Workload API that is served until it is disposed. */
export interface ServedIdentity extends AsyncDisposable {
  readonly authority: Authority
}

/** Serves one identity to whoever asks, as an authority on the machine would. */
export async function servedIdentity({
  url,
  id,
  authority: given,
  clock = systemClock,
}: ServedIdentityOptions): Promise<ServedIdentity> {
  const { trustDomain } = parseSpiffeId(id)
  const authority = given ?? (await createAuthority({ trustDomain, clock }))
  const changes = new Listeners()
  const attestor = { idOf: () => id, onChange: (listener: () => void) => changes.add(listener) }
  const service = bind(spiffeHeader(), workloads({ authority, attestor, clock }))
  const transport = grpcTransport({ name: "authority" })
  await transport.listen(url, [expose(workloadWire, service)])
  return {
    authority,
    async [Symbol.asyncDispose]() {
      if (!given) authority[Symbol.dispose]()
      await transport[Symbol.asyncDispose]()
    },
  }
}
