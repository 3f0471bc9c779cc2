import { NsmError } from "../../core/errors.ts"
import type { MemoryServer } from "./server.ts"

/** Joins the processes of a simulation: who listens where. */
export class MemoryNetwork {
  readonly #servers = new Map<string, MemoryServer>()
  #nextPort = 49152

  /** Who listens at a URL. */
  at(url: string): MemoryServer | undefined {
    return this.#servers.get(url)
  }

  /** Puts a server at a URL; answers where, for port 0 stands for one that is free. */
  join(url: string, server: MemoryServer): string {
    const real = url.replace(/:0$/, () => `:${this.#nextPort++}`)
    if (this.#servers.has(real)) {
      throw new NsmError("ADDRESS_IN_USE", `another process answers at ${real}`)
    }
    this.#servers.set(real, server)
    return real
  }

  /** Takes a server away from a URL; its calls go on. */
  leave(url: string, server: MemoryServer): void {
    if (this.#servers.get(url) === server) this.#servers.delete(url)
  }

  /** Ends what listens at a URL as a killed process ends: at once, and without a word. */
  kill(url: string): void {
    const server = this.#servers.get(url)
    this.#servers.delete(url)
    server?.cut(new NsmError("PEER_UNREACHABLE", `the connection to ${url} was lost`))
  }
}
