import { create } from "@bufbuild/protobuf"
import {
  NetworkServiceEndpointQuerySchema,
  NetworkServiceQuerySchema,
  NetworkServiceSchema,
} from "@nsm/api"
import { type Check, must, there } from "../check.ts"
import { emptyPath } from "../scene.ts"
import {
  registries,
  endpoints,
  services,
  ownUrl,
  withEntry,
  registerService,
  unique,
} from "./registry-calls.ts"

/** What entries hold. */
export const contentsChecks: readonly Check[] = [
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
