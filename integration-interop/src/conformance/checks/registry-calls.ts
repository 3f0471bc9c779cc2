import { randomUUID } from "node:crypto"
import { create } from "@bufbuild/protobuf"
import { timestampMs } from "@bufbuild/protobuf/wkt"
import {
  Header,
  type NetworkServiceEndpoint,
  NetworkServiceEndpointQuerySchema,
  NetworkServiceEndpointRegistryService,
  NetworkServiceEndpointSchema,
  NetworkServiceRegistryService,
  NetworkServiceSchema,
} from "@nsm/api"
import { type Check, must, type Role, there } from "../check.ts"
import type { Answer, CallHeaders, Probe } from "../probe.ts"
import { emptyPath } from "../scene.ts"
import type { Subject } from "../subject.ts"

/** Who serves both registries. */
export const registries: readonly Role[] = ["registry", "nsmgr"]
/** The methods of the registry of endpoints. */
export const endpoints = NetworkServiceEndpointRegistryService.method
/** The methods of the registry of network services. */
export const services = NetworkServiceRegistryService.method

/** Nobody listens there. */
export const ownUrl = "tcp://192.0.2.1:9"

/** An entry that is there while a check runs. */
export interface Entry {
  readonly name: string
  readonly answer: Answer<NetworkServiceEndpoint>
  /** What the caller sent. */
  readonly token: string
}

/** Runs a check with an entry that has two services and a label, and takes it out afterwards. */
export function withEntry(run: (entry: Entry, subject: Subject) => Promise<string>): Check["run"] {
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

/** What is said of an endpoint. */
export type Init = Parameters<typeof create<typeof NetworkServiceEndpointSchema>>[1]

/** Registers an endpoint, under a name of its own unless one is given. */
export async function register(
  probe: Probe,
  entry: Init,
  headers: CallHeaders = {},
  limitMs?: number,
): Promise<Answer<NetworkServiceEndpoint>> {
  const { name = unique() } = entry ?? {}
  const whole = create(NetworkServiceEndpointSchema, { url: ownUrl, ...entry, name })
  return await probe.call(endpoints.register, whole, { ...emptyPath, ...headers }, limitMs)
}

/** Takes an entry out, as who was answered with it. */
export async function unregister(probe: Probe, answer: Answer<NetworkServiceEndpoint>) {
  const entry = there(answer.message, answer.status)
  return await probe.call(endpoints.unregister, entry, { path: renewing(answer) })
}

/** Registers a network service. */
export async function registerService(probe: Probe, name = unique()) {
  const entry = create(NetworkServiceSchema, { name })
  return await probe.call(services.register, entry, emptyPath)
}

/** Names of the endpoints that a query finds. */
export async function find(probe: Probe, networkServiceEndpoint: Init): Promise<readonly string[]> {
  const query = create(NetworkServiceEndpointQuerySchema, {
    networkServiceEndpoint: create(NetworkServiceEndpointSchema, networkServiceEndpoint),
  })
  const { items } = await probe.all(endpoints.find, query)
  return items.flatMap((item) => item.networkServiceEndpoint?.name ?? [])
}

/** Opens a watch of endpoints. */
export function watch(probe: Probe, networkServiceEndpoint: Init) {
  const query = create(NetworkServiceEndpointQuerySchema, {
    networkServiceEndpoint: create(NetworkServiceEndpointSchema, networkServiceEndpoint),
    watch: true,
  })
  return probe.read(endpoints.find, query)
}

/** What the header `path` holds. */
export interface Path {
  readonly Index: number
  readonly PathSegments: readonly { readonly token: string }[] | null
}

/** The path of an answer. */
export function pathOf({ headers }: Answer<unknown>): Path {
  const text = there(headers[Header.path], "the answer has no header path")
  return JSON.parse(text) as Path
}

/** The path of an answer to a caller that began with an empty one. */
export function seenPath(answer: Answer<unknown>): string {
  const seen = `${pathOf(answer).PathSegments?.length ?? 0} segments`
  must(!/^[01] /.test(seen), seen)
  return seen
}

/** The header with which a client renews what it was answered. */
export function renewing(answer: Answer<unknown>): string {
  return JSON.stringify(pathOf(answer))
}

/** When an entry ends, in milliseconds since 1970. */
export function end(entry: NetworkServiceEndpoint | undefined): number {
  return timestampMs(there(entry?.expirationTime, "it does not"))
}

/** A name that nobody else has. */
export function unique(): string {
  return `conformance-${randomUUID().slice(0, 8)}`
}
