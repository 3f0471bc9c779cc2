import { create } from "@bufbuild/protobuf"
import { NetworkServiceEndpointQuerySchema } from "@nsm/api"
import { type Check, must } from "../check.ts"
import {
  registries,
  endpoints,
  ownUrl,
  type Entry,
  withEntry,
  type Init,
  register,
  unregister,
  find,
  watch,
  unique,
} from "./registry-calls.ts"

/** Finding and watching entries. */
export const findChecks: readonly Check[] = [
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
]

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
