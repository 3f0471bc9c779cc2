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
  options: WithRegistriesOptions,
  use: (registries: Registries, call: Call) => Promise<T>,
): Promise<T> {
  return await withCall({ clock: systemClock, log: silentLog, timeoutMs }, async (call) => {
    await using open = new AsyncDisposableStack()
    return await use(await openRegistries(options, open, call.signal), call)
  })
}

/** The same for as long as what is opened for it is kept; what was registered is kept there. */
export async function openRegistries(
  { url, settings }: WithRegistriesOptions,
  open: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<Registries> {
  const agent = settings["SPIFFE_ENDPOINT_SOCKET"]
  const { connections } =
    agent === undefined
      ? { connections: { tokens: unsignedTokens() } }
      : open.use(await identified({ url: agent, signal }))
  const transport = open.use(grpcTransport({ name: "playground", ...connections }))
  return registryClient({ transport, url, signal })
}
