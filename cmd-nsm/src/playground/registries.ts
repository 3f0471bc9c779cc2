import {
  grpcTransport,
  identified,
  type Registries,
  registryClient,
  unsignedTokens,
} from "@nsm/sdk"
import type { Domain } from "./domain.ts"

/** Whose registries are opened. */
export interface OpenRegistriesOptions extends Pick<Domain, "settings"> {
  readonly url: string
}

/**
 * Opens registries as an operator does, who has an identity where processes have one, for as long as
 * what is opened for it is kept; what was registered is kept there.
 */
export async function openRegistries(
  { url, settings }: OpenRegistriesOptions,
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
