import {
  type Call,
  grpcTransport,
  identified,
  type Registries,
  registryClient,
  silentLog,
  systemClock,
  unsignedTokens,
  withCall,
} from "@nsm/sdk"
import type { Domain } from "./domain.ts"

/** Whose registries are used. */
export interface WithRegistriesOptions extends Pick<Domain, "settings"> {
  /** Of the registry, or of a node's manager. */
  readonly url: string
}

/** How long they may take. */
const timeoutMs = 10_000

/** Uses registries as an operator does, who has an identity where processes have one. */
export async function withRegistries<T>(
  { url, settings }: WithRegistriesOptions,
  use: (registries: Registries, call: Call) => Promise<T>,
): Promise<T> {
  return await withCall({ clock: systemClock, log: silentLog, timeoutMs }, async (call) => {
    await using open = new AsyncDisposableStack()
    const agent = settings["SPIFFE_ENDPOINT_SOCKET"]
    const { connections } =
      agent === undefined
        ? { connections: { tokens: unsignedTokens() } }
        : open.use(await identified({ url: agent, signal: call.signal }))
    const transport = open.use(grpcTransport({ name: "playground", ...connections }))
    return await use(registryClient({ transport, url, signal: call.signal }), call)
  })
}
