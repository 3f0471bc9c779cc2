import { create } from "@bufbuild/protobuf"
import { ConnectionSchema, type NetworkServiceRequest, NetworkServiceRequestSchema } from "@nsm/api"
import {
  authorize,
  bind,
  Call,
  grant,
  loadPolicies,
  type NetworkService,
  policies,
  type Policy,
  silentLog,
  systemClock,
  verifiedTokens,
} from "@nsm/sdk"
import { fixedIdentity, type FixedIdentity, jwt } from "@nsm/sdk/testing"
import type { Bench } from "./bench.ts"
import { quantile } from "./quantile.ts"
import type { Row } from "./row.ts"

const masks = ["common", "server"].map((folder) => `etc/nsm/opa/${folder}/.*.rego`)
const hops = ["nsc", "nsmgr", "forwarder", "nse"]
const count = 2000

/**
 * Times what the default policies of a server cost one request at the last of four hops: with a
 * caller that has just connected, whose tokens nobody has seen, and with one that asks again with
 * tokens that have been verified.
 */
export const authorise: Bench = async ({ signal, step }) => {
  await using loaded = await loadPolicies(masks, { clock: systemClock, log: silentLog })
  const identities = await Promise.all(hops.map((name) => fixedIdentity({ id: idOf(name) })))
  const caller = identities.at(-2)
  if (!caller) throw new Error("a path has more than one hop")
  const [certificate] = caller.current.svid.certificates
  const call = new Call({
    ...{ clock: systemClock, log: silentLog, signal },
    peer: { address: "unix:", id: caller.current.svid.id, certificate },
  })
  const requests = Array.from({ length: count }, (_, serial) => requestFrom(identities, serial))

  const timed = async (hop: (serial: number) => NetworkService): Promise<readonly number[]> => {
    const times: number[] = []
    for (const [serial, request] of requests.entries()) {
      const service = hop(serial)
      const from = performance.now()
      await service.request(request, call)
      times.push(performance.now() - from)
    }
    return times
  }
  step("warming up")
  const lasting = hopWith(loaded.policies)
  await timed(() => lasting)
  step("callers that nobody has seen")
  const cold = await timed(() => hopWith(loaded.policies))
  step("callers that ask again")
  await timed(() => lasting)
  const warm = await timed(() => lasting)
  return [...rows("tokens never seen", cold), ...rows("tokens verified before", warm)]
}

function rows(measured: string, times: readonly number[]): readonly Row[] {
  return [
    { name: "authorising one request, p50", measured, value: quantile(times, 0.5), unit: "ms" },
    {
      ...{ name: "authorising one request, p99", measured, value: quantile(times, 0.99) },
      ...{ unit: "ms", target: { atMost: 2 } },
    },
  ]
}

/** A hop that remembers nothing yet. */
function hopWith(list: readonly Policy[]): NetworkService {
  const verifier = verifiedTokens({ capacity: 2 * count })
  return bind(
    authorize({ requests: policies({ point: "server", policies: list, verifier }) }),
    grant,
  )
}

/** As `update-token` leaves it at the last hop. */
function requestFrom(identities: readonly FixedIdentity[], serial: number): NetworkServiceRequest {
  const exp = Math.floor(Date.now() / 1000) + 600
  const pathSegments = identities.map(({ current: { svid } }, at) => {
    const next = identities[at + 1] ?? identities[at - 1]
    const aud = [next?.current.svid.id]
    // Without the serial number all tokens of a hop would be one.
    const token = jwt({ sub: svid.id, aud, exp, serial }, { key: svid.privateKey })
    return { name: hops[at] ?? "", id: `id-${at}-${serial}`, token }
  })
  const index = pathSegments.length - 1
  const id = `id-${index}-${serial}`
  return create(NetworkServiceRequestSchema, {
    connection: create(ConnectionSchema, { id, path: { index, pathSegments } }),
  })
}

function idOf(name: string): string {
  return `spiffe://nsm.local/ns/mesh/sa/${name}`
}
