import { NsmError } from "../../core/errors.ts"

/** Runs a call to a chosen peer; where it cannot be reached from here, the error says who it was. */
export async function namingPeer<T>(peer: string, url: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (failure) {
    const isOurs = failure instanceof NsmError && failure.hop === undefined
    if (!isOurs || failure.reason !== "PEER_UNREACHABLE") throw failure
    throw new NsmError("PEER_UNREACHABLE", `${peer} does not answer at ${url}`, { cause: failure })
  }
}
