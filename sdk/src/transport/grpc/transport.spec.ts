import { setTimeout } from "node:timers/promises"
import { systemClock } from "../../core/clock.ts"
import { mutualTls } from "../../identity/mutual-tls.ts"
import { type FixedIdentity, fixedIdentity } from "../../testing/fixed-identity.ts"
import { temporaryFolder } from "../../testing/temporary-folder.ts"
import { transportContract, type TransportWorld } from "../../testing/transport-contract.ts"
import type { Transport } from "../transport.ts"
import { plaintext, type Security } from "./security.ts"
import { grpcTransport } from "./transport.ts"

/** Nobody issues certificates while a contract runs, for that is work of its own. */
const identities = new Map<string, FixedIdentity>()

transportContract("gRPC over unix sockets", () => overUnix(() => plaintext))
transportContract("gRPC over TCP", async () => overTcp(() => plaintext))
describe("with certificates", () => {
  before(async () => {
    const { authority } = await fixedIdentity({ id: "spiffe://nsm.test/first" })
    for (const name of ["client", "server", "other"]) {
      identities.set(name, await fixedIdentity({ id: `spiffe://nsm.test/${name}`, authority }))
    }
  })
  transportContract("gRPC and TLS over unix sockets", () => overUnix(tls))
  transportContract("gRPC and TLS over TCP", async () => overTcp(tls))
})

function tls(name: string): Security {
  const source = identities.get(name) ?? identities.get("other")
  if (!source) throw new Error(`${name} has no identity`)
  return mutualTls({ source })
}

async function overUnix(security: (name: string) => Security): Promise<TransportWorld> {
  const folder = await temporaryFolder()
  let count = 0
  return world(
    security,
    () => `unix://${folder.path}/deep/er/${count++}.sock`,
    async () => await folder[Symbol.asyncDispose](),
  )
}

function overTcp(security: (name: string) => Security): TransportWorld {
  return world(security, () => "tcp://127.0.0.1:0")
}

function world(
  security: (name: string) => Security,
  url: () => string,
  cleanUp = async (): Promise<void> => {},
): TransportWorld {
  const transports: Transport[] = []
  return {
    clock: systemClock,
    url,
    transport(name) {
      const transport = grpcTransport({
        ...{ name, security: security(name), shutdownTimeoutMs: 200 },
      })
      transports.push(transport)
      return transport
    },
    pass: (ms) => setTimeout(ms),
    async [Symbol.asyncDispose]() {
      await Promise.all(transports.map((transport) => transport[Symbol.asyncDispose]()))
      await cleanUp()
    },
  }
}
