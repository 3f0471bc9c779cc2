import { timestampFromMs } from "@bufbuild/protobuf/wkt"
import { type Check, must, there } from "../check.ts"
import { registries, withEntry, register, watch, renewing, end, unique } from "./registry-calls.ts"

/** How long an entry stays, and what renews it. */
export const renewalChecks: readonly Check[] = [
  {
    id: "registry-expiration",
    title: "An endpoint's entry says when it ends, within a minute.",
    source: "registry.proto: NetworkServiceEndpoint.expiration_time",
    roles: registries,
    run: withEntry(async ({ answer: { message } }) => {
      const left = end(message) - Date.now()
      must(left > 0 && left <= 61_000, `${left / 1000} s from now`)
      return `${Math.round(left / 1000)} s from now`
    }),
  },
  {
    id: "registry-expiration-asked",
    title: "It ends earlier when that is asked for.",
    source: "registry.proto: NetworkServiceEndpoint.expiration_time",
    roles: registries,
    async run({ probe }) {
      const asked = Date.now() + 20_000
      const answer = await register(probe, { expirationTime: timestampFromMs(asked) })
      const got = end(answer.message)
      must(Math.abs(got - asked) <= 1000, `${(got - asked) / 1000} s off`)
      return "as asked"
    },
  },
  {
    id: "registry-expires",
    title: "An entry that is not renewed goes at its end, and watchers are told.",
    source: "registry.proto: NetworkServiceEndpointResponse.deleted",
    roles: registries,
    async run({ probe }) {
      const name = unique()
      using reading = watch(probe, { name })
      const entry = { name, expirationTime: timestampFromMs(Date.now() + 3000) }
      // Some take the time that a call has left off its entry's end.
      const { message, status, details } = await register(probe, entry, {}, 1000)
      there(message, `${status} ${details}`)
      const gone = await reading.arrivals.find(({ deleted }) => deleted, 10_000)
      must(gone !== undefined, "still there 7 s after its end")
      must(gone.networkServiceEndpoint?.name === name, "told without its name")
      return "told"
    },
  },
  {
    id: "registry-registration-time",
    title: "The time of the first registration stays when an entry is renewed.",
    source: "registry.proto: NetworkServiceEndpoint.initial_registration_time",
    roles: registries,
    run: withEntry(async ({ answer: first, name }, { probe }) => {
      const again = await register(probe, { name }, { path: renewing(first) })
      const [before, after] = [first, again].map(({ message }) => message?.initialRegistrationTime)
      must(before !== undefined, "there is none")
      must(after?.seconds === before.seconds && after.nanos === before.nanos, "changed")
      return "kept"
    }),
  },
  {
    id: "registry-renewed",
    title: "Whoever registered a name can renew it, with the path that it was answered.",
    source: "gRPC metadata path of Register; the policy registry/client_allowed",
    roles: registries,
    run: withEntry(async ({ answer, name }, { probe }) => {
      const { status, code, details } = await register(probe, { name }, { path: renewing(answer) })
      must(code === 0, `${status} ${details}`)
      return status
    }),
  },
]
