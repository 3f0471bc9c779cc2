import { randomUUID } from "node:crypto"
import { create } from "@bufbuild/protobuf"
import { timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt"
import {
  Header,
  type NetworkServiceEndpoint,
  NetworkServiceEndpointQuerySchema,
  NetworkServiceEndpointRegistryService,
  NetworkServiceEndpointSchema,
  NetworkServiceQuerySchema,
  NetworkServiceRegistryService,
  NetworkServiceSchema,
} from "@nsm/api"
import { newKey } from "@nsm/sdk/authority"
import { type Check, must, type Role, there } from "../check.ts"
import { isSignedBy, readToken, writeToken } from "../json-web-token.ts"
import type { Answer, CallHeaders, Probe } from "../probe.ts"
import { emptyPath } from "../scene.ts"
import type { Subject } from "../subject.ts"

const registries: readonly Role[] = ["registry", "nsmgr"]
const endpoints = NetworkServiceEndpointRegistryService.method
const services = NetworkServiceRegistryService.method

/** Nobody listens there. */
const ownUrl = "tcp://192.0.2.1:9"

/** Registering, finding and taking out. */
export const registryChecks: readonly Check[] = [
  {
    id: "registry-path-header",
    title: "The answer's header path has the caller's index, and the tokens of caller and server.",
    source: "gRPC metadata path of Register",
    roles: registries,
    run: withEntry(async ({ answer, token }) => {
      const { Index: index, PathSegments: segments } = pathOf(answer)
      const seen = `Index ${index}, ${segments?.length ?? 0} segments`
      must(index === 0 && (segments?.length ?? 0) >= 2, seen)
      must(segments?.[0]?.token === token, "another token of the caller")
      return seen
    }),
  },
  {
    id: "registry-token",
    title:
      "The server's token in it is signed with the key of the certificate that the server shows.",
    source: "RFC 7518, section 3.4; gRPC metadata path of Register",
    roles: registries,
    run: withEntry(async ({ answer }, { id, certificate }) => {
      const token = there(readToken(pathOf(answer).PathSegments?.[1]?.token ?? ""), "no token")
      must(token.claims["sub"] === id, `sub ${String(token.claims["sub"])}`)
      must(isSignedBy(token, certificate), "signed with another key, or in another form")
      return "signed"
    }),
  },
  {
    id: "registry-path-ids",
    title: "path_ids are the SPIFFE ids of the caller, the server and those behind it.",
    source: "registry.proto: NetworkServiceEndpoint.path_ids",
    roles: registries,
    run: withEntry(async ({ answer: { message } }, { as, id }) => {
      const [first, second, ...behind] = message?.pathIds ?? []
      must(first === as.id && second === id, message?.pathIds.join(", ") || "none")
      return `caller, server${behind.map(() => ", the one behind").join("")}`
    }),
  },
  {
    id: "registry-service-path-ids",
    title: "path_ids of a network service are those, too.",
    source: "registry.proto: NetworkService.path_ids",
    roles: registries,
    async run(subject) {
      const { message, status, details } = await registerService(subject.probe)
      const [first, second] = there(message, `${status} ${details}`).pathIds
      must(first === subject.as.id && second === subject.id, `${first}, ${second}`)
      return "caller, server"
    },
  },
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
  {
    id: "registry-owned",
    title: "A name that somebody else registered is refused with PERMISSION_DENIED.",
    source: "the policy registry/client_allowed",
    roles: registries,
    run: withEntry(async ({ name }, subject) => {
      const { code, status } = await register(subject.caller(subject.other), { name })
      must(code === 7, status)
      return status
    }),
  },
  {
    id: "registry-owned-stays",
    title: "Nobody else can take it out.",
    source: "the policy registry/client_allowed",
    roles: registries,
    run: withEntry(async ({ name }, subject) => {
      const stranger = subject.caller(subject.other)
      const entry = create(NetworkServiceEndpointSchema, { name })
      const { status } = await stranger.call(endpoints.unregister, entry, emptyPath)
      const names = await find(subject.probe, { name })
      must(names.includes(name), `${status}, and it is gone`)
      return status
    }),
  },
  {
    id: "registry-service-owned",
    title:
      "A network service's name that somebody else registered is refused with PERMISSION_DENIED.",
    source: "the policy registry/client_allowed",
    roles: registries,
    async run(subject) {
      const name = unique()
      await registerService(subject.probe, name)
      const { code, status } = await registerService(subject.caller(subject.other), name)
      must(code === 7, status)
      return status
    },
  },
  refusal("no-path", "without the header path", () => ({ path: undefined })),
  refusal("path-no-json", "whose header path is no JSON", () => ({ path: "{Index" })),
  refusal("path-index", "whose path's index is beyond its segments", () => ({
    path: `{"Index":5,"PathSegments":[{"token":"a"}]}`,
  })),
  refusal("path-forged", "whose path has a token that is none", ({ probe }) => ({
    path: JSON.stringify({
      Index: 1,
      PathSegments: [{ token: "a.b.c" }, { token: probe.token() }],
    }),
  })),
  refusal("no-token", "without a token", () => ({ [Header.clientToken]: undefined })),
  refusal("other-key", "whose token is signed with another key", ({ as, id }) => ({
    [Header.clientToken]: writeToken(as, id, { key: newKey().privateKey }),
  })),
  refusal("ended", "whose token has ended", ({ as, id }) => ({
    [Header.clientToken]: writeToken(as, id, {
      claims: { exp: Math.floor(Date.now() / 1000) - 60 },
    }),
  })),
  {
    id: "registry-refused-leaves-nothing",
    title: "What is refused is not stored.",
    source: "registry.proto: NetworkServiceEndpointRegistry.Find",
    roles: registries,
    async run({ probe, as, id }) {
      const name = unique()
      const token = writeToken(as, id, { key: newKey().privateKey })
      const { status } = await register(probe, { name }, { [Header.clientToken]: token })
      const names = await find(probe, { name })
      must(!names.includes(name), `${status}, and it is there`)
      return status
    },
  },
  {
    id: "registry-no-name",
    title: "An endpoint without a name is refused.",
    source: "registry.proto: NetworkServiceEndpoint.name",
    roles: registries,
    async run({ probe }) {
      const { code, status } = await register(probe, { name: "" })
      must(code !== 0, "registered")
      return status
    },
  },
  found(
    "name",
    "by its whole name",
    ({ name }) => ({ name }),
    ({ name }) => ({
      name: name.slice(0, -1),
    }),
  ),
  found(
    "service",
    "by the network services that it provides",
    ({ name }) => ({ networkServiceNames: [`${name}-b`] }),
    ({ name }) => ({ networkServiceNames: [`${name}-b`, `${name}-c`] }),
  ),
  found(
    "labels",
    "by labels, all of which it must have",
    ({ name }) => ({ networkServiceLabels: { [`${name}-a`]: { labels: { color: name } } } }),
    ({ name }) => ({
      networkServiceLabels: { [`${name}-a`]: { labels: { color: name, size: "big" } } },
    }),
  ),
  {
    id: "registry-find-url",
    title: "An endpoint is found by a part of its URL.",
    source: "registry.proto: NetworkServiceEndpointQuery",
    roles: ["registry"],
    run: withEntry(async ({ name }, { probe }) => {
      const url = ownUrl.slice(6, -2)
      const hits = [await find(probe, { url }), await find(probe, { url: "tcp://nowhere" })]
      const seen = hits.map((names) => names.includes(name)).join()
      must(seen === "true,false", seen)
      return "found"
    }),
  },
  {
    id: "registry-find-ends",
    title: "Without watch, the stream ends with OK, also when nothing is found.",
    source: "registry.proto: NetworkServiceEndpointQuery.watch",
    roles: registries,
    async run({ probe }) {
      const query = create(NetworkServiceEndpointQuerySchema, {
        networkServiceEndpoint: { name: unique() },
      })
      const { items, ended } = await probe.all(endpoints.find, query)
      must(items.length === 0 && ended === "OK", `${items.length} found, ends ${ended ?? "never"}`)
      return "OK"
    },
  },
  {
    id: "registry-watch",
    title:
      "With watch, what is there comes first, then what is put in, then what is taken out, whole.",
    source: "registry.proto: NetworkServiceEndpointQuery.watch, NetworkServiceEndpointResponse",
    roles: registries,
    run: withEntry(async ({ name }, { probe }) => {
      using reading = watch(probe, { networkServiceNames: [`${name}-a`] })
      const first = await reading.arrivals.find(
        (item) => item.networkServiceEndpoint?.name === name,
      )
      must(first !== undefined && !first.deleted, "what is there does not come")
      const second = `${name}-second`
      const entry = { name: second, networkServiceNames: [`${name}-a`] }
      const registered = await register(probe, entry)
      const put = await reading.arrivals.find(
        (item) => item.networkServiceEndpoint?.name === second,
      )
      must(put !== undefined && !put.deleted, "what is put in does not come")
      await unregister(probe, registered)
      const taken = await reading.arrivals.find(({ deleted }) => deleted)
      must(taken?.networkServiceEndpoint?.name === second, "what is taken out does not come")
      must(taken.networkServiceEndpoint.networkServiceNames.length > 0, "not whole")
      must(reading.arrivals.ended === undefined, `it ends: ${reading.arrivals.ended}`)
      return "all three"
    }),
  },
  {
    id: "registry-unregister",
    title: "An entry that is taken out is not found any more.",
    source: "registry.proto: NetworkServiceEndpointRegistry.Unregister",
    roles: registries,
    run: withEntry(async ({ answer, name }, { probe }) => {
      const { code, status, details } = await unregister(probe, answer)
      must(code === 0, `${status} ${details}`)
      must(!(await find(probe, { name })).includes(name), "still there")
      return status
    }),
  },
  {
    id: "registry-unregister-path",
    title: "The answer to Unregister of an endpoint has the header path, as that to Register has.",
    source: "gRPC metadata path of Unregister; the policy client/next_token_signed",
    roles: registries,
    run: withEntry(async ({ answer }, { probe }) => {
      const entry = there(answer.message, answer.status)
      return seenPath(await probe.call(endpoints.unregister, entry, emptyPath))
    }),
  },
  {
    id: "registry-service-unregister-path",
    title: "The answer to Unregister of a network service has it, too.",
    source: "gRPC metadata path of Unregister; the policy client/next_token_signed",
    roles: registries,
    async run({ probe }) {
      const entry = create(NetworkServiceSchema, { name: unique() })
      await probe.call(services.register, entry, emptyPath)
      return seenPath(await probe.call(services.unregister, entry, emptyPath))
    },
  },
  {
    id: "registry-unregister-unknown",
    title: "Taking out what is not there does no harm.",
    source: "registry.proto: NetworkServiceEndpointRegistry.Unregister",
    roles: registries,
    async run({ probe }) {
      const entry = create(NetworkServiceEndpointSchema, { name: unique() })
      const { code, status, details } = await probe.call(endpoints.unregister, entry, emptyPath)
      must(code === 0, `${status} ${details}`)
      return status
    },
  },
  {
    id: "registry-service-payload",
    title: "A network service that does not say what it carries, carries IP.",
    source: "registry.proto: NetworkService.payload",
    roles: registries,
    async run({ probe }) {
      const { message, status, details } = await registerService(probe)
      const { payload } = there(message, `${status} ${details}`)
      must(payload === "IP", payload || "nothing")
      return payload
    },
  },
  {
    id: "registry-service-find",
    title: "A network service is found by its whole name, with its matches.",
    source: "registry.proto: NetworkServiceQuery",
    roles: registries,
    async run({ probe }) {
      const name = unique()
      const matches = [
        { sourceSelector: { app: "a" }, routes: [{ destinationSelector: { app: "b" } }] },
      ]
      const entry = create(NetworkServiceSchema, { name, matches })
      await probe.call(services.register, entry, emptyPath)
      const { items } = await probe.all(
        services.find,
        create(NetworkServiceQuerySchema, { networkService: { name } }),
      )
      const [item, ...more] = items.map(({ networkService }) => networkService)
      await probe.call(services.unregister, entry, emptyPath)
      must(item?.name === name && more.length === 0, `${items.length} found`)
      must(item.matches[0]?.routes[0]?.destinationSelector["app"] === "b", "without its matches")
      return "found"
    },
  },
  {
    id: "manager-own-url",
    title: "A manager gives its own endpoints back with the URL under which they registered.",
    source: "registry.proto: NetworkServiceEndpoint.url",
    roles: ["nsmgr"],
    run: withEntry(async ({ name, answer }, { probe }) => {
      const query = create(NetworkServiceEndpointQuerySchema, { networkServiceEndpoint: { name } })
      const { items } = await probe.all(endpoints.find, query)
      const urls = [answer.message?.url, items[0]?.networkServiceEndpoint?.url]
      must(
        urls.every((url) => url === ownUrl),
        urls.join(" and "),
      )
      return "answered and found with it"
    }),
  },
]

interface Entry {
  readonly name: string
  readonly answer: Answer<NetworkServiceEndpoint>
  /** What the caller sent. */
  readonly token: string
}

/** Runs a check with an entry that has two services and a label, and takes it out afterwards. */
function withEntry(run: (entry: Entry, subject: Subject) => Promise<string>): Check["run"] {
  return async (subject) => {
    const name = unique()
    const token = subject.probe.token()
    const labels = { [`${name}-a`]: { labels: { color: name } } }
    const entry = {
      name,
      networkServiceNames: [`${name}-a`, `${name}-b`],
      networkServiceLabels: labels,
    }
    const answer = await register(subject.probe, entry, { [Header.clientToken]: token })
    there(answer.message, `cannot be registered: ${answer.status} ${answer.details}`)
    try {
      return await run({ name, answer, token }, subject)
    } finally {
      await unregister(subject.probe, answer)
    }
  }
}

function refusal(id: string, words: string, headers: (subject: Subject) => CallHeaders): Check {
  return {
    id: `registry-${id}`,
    title: `A registration ${words} is refused.`,
    source: "gRPC metadata path of Register; the policies common/, registry/ and server/",
    roles: registries,
    async run(subject) {
      const { code, status } = await register(subject.probe, {}, headers(subject))
      must(code !== 0, "registered")
      return status
    },
  }
}

type Init = Parameters<typeof create<typeof NetworkServiceEndpointSchema>>[1]

function found(
  id: string,
  words: string,
  hit: (entry: Entry) => Init,
  miss: (entry: Entry) => Init,
): Check {
  return {
    id: `registry-find-${id}`,
    title: `An endpoint is found ${words}.`,
    source: "registry.proto: NetworkServiceEndpointQuery",
    roles: registries,
    run: withEntry(async (entry, { probe }) => {
      const hits = [await find(probe, hit(entry)), await find(probe, miss(entry))]
      const [isHit, isMissed] = hits.map((names) => names.includes(entry.name))
      must(isHit === true, "not found")
      must(isMissed === false, "found by what it has not")
      return "found"
    }),
  }
}

async function register(
  probe: Probe,
  entry: Init,
  headers: CallHeaders = {},
  limitMs?: number,
): Promise<Answer<NetworkServiceEndpoint>> {
  const { name = unique() } = entry ?? {}
  const whole = create(NetworkServiceEndpointSchema, { url: ownUrl, ...entry, name })
  return await probe.call(endpoints.register, whole, { ...emptyPath, ...headers }, limitMs)
}

async function unregister(probe: Probe, answer: Answer<NetworkServiceEndpoint>) {
  const entry = there(answer.message, answer.status)
  return await probe.call(endpoints.unregister, entry, { path: renewing(answer) })
}

async function registerService(probe: Probe, name = unique()) {
  const entry = create(NetworkServiceSchema, { name })
  return await probe.call(services.register, entry, emptyPath)
}

async function find(probe: Probe, networkServiceEndpoint: Init): Promise<readonly string[]> {
  const query = create(NetworkServiceEndpointQuerySchema, {
    networkServiceEndpoint: create(NetworkServiceEndpointSchema, networkServiceEndpoint),
  })
  const { items } = await probe.all(endpoints.find, query)
  return items.flatMap((item) => item.networkServiceEndpoint?.name ?? [])
}

function watch(probe: Probe, networkServiceEndpoint: Init) {
  const query = create(NetworkServiceEndpointQuerySchema, {
    networkServiceEndpoint: create(NetworkServiceEndpointSchema, networkServiceEndpoint),
    watch: true,
  })
  return probe.read(endpoints.find, query)
}

interface Path {
  readonly Index: number
  readonly PathSegments: readonly { readonly token: string }[] | null
}

function pathOf({ headers }: Answer<unknown>): Path {
  const text = there(headers[Header.path], "the answer has no header path")
  return JSON.parse(text) as Path
}

/** The path of an answer to a caller that began with an empty one. */
function seenPath(answer: Answer<unknown>): string {
  const seen = `${pathOf(answer).PathSegments?.length ?? 0} segments`
  must(!/^[01] /.test(seen), seen)
  return seen
}

/** The header with which a client renews what it was answered. */
function renewing(answer: Answer<unknown>): string {
  return JSON.stringify(pathOf(answer))
}

function end(entry: NetworkServiceEndpoint | undefined): number {
  return timestampMs(there(entry?.expirationTime, "it does not"))
}

function unique(): string {
  return `conformance-${randomUUID().slice(0, 8)}`
}
