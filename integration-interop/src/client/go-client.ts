import {
  type DescMessage,
  fromJson,
  type JsonValue,
  type MessageShape,
  toJson,
} from "@bufbuild/protobuf"
import { EmptySchema } from "@bufbuild/protobuf/wkt"
import {
  ConnectionEventSchema,
  ConnectionSchema,
  MonitorScopeSelectorSchema,
  NetworkServiceEndpointQuerySchema,
  NetworkServiceEndpointResponseSchema,
  NetworkServiceEndpointSchema,
  NetworkServiceQuerySchema,
  NetworkServiceRequestSchema,
  NetworkServiceResponseSchema,
  NetworkServiceSchema,
} from "@nsm/api"
import { Arrivals } from "../arrivals.ts"
import { GoProcess } from "../lab/go-process.ts"
import type { MemberOptions } from "../lab/member.ts"
import { type MeshClient, Refused, type Stream } from "./mesh-client.ts"

/** A line that the Go client writes. */
interface AnswerLine {
  readonly id: number
  readonly message?: JsonValue
  readonly last?: boolean
  readonly failure?: { readonly code: number; readonly message: string }
}

const usualLimitMs = 15_000

/** Starts a client of the Go side, and tells it what to do line by line. */
export async function startGoClient(options: MemberOptions): Promise<MeshClient> {
  const waiting = new Map<number, (line: AnswerLine) => void>()
  const process = await GoProcess.start("nsc", options, (text) => {
    const line = JSON.parse(text) as AnswerLine
    waiting.get(line.id)?.(line)
    if (line.last === true) waiting.delete(line.id)
  })
  let last = 0

  const command = (
    line: { readonly do: string; readonly message: JsonValue; readonly timeoutMs?: number },
    onAnswer: (line: AnswerLine) => void,
  ): number => {
    const id = ++last
    waiting.set(id, onAnswer)
    process.tell(JSON.stringify({ id, ...line }))
    return id
  }

  const once =
    <I extends DescMessage, O extends DescMessage>(verb: string, input: I, output: O) =>
    async (message: MessageShape<I>, { timeoutMs = usualLimitMs } = {}): Promise<MessageShape<O>> =>
      await new Promise((resolve, reject) => {
        const line = { do: verb, message: toJson(input, message), timeoutMs }
        command(line, ({ message: answer, failure }) => {
          if (failure) reject(new Refused(failure.code, failure.message))
          else if (answer !== undefined) resolve(fromJson(output, answer))
        })
      })

  const stream =
    <I extends DescMessage, O extends DescMessage>(verb: string, input: I, output: O) =>
    (message: MessageShape<I>): Stream<MessageShape<O>> => {
      const arrivals = new Arrivals<MessageShape<O>>()
      const line = { do: verb, message: toJson(input, message) }
      const id = command(line, ({ message: answer, failure, last: isLast }) => {
        if (answer !== undefined) arrivals.put(fromJson(output, answer))
        if (isLast === true) arrivals.end(failure?.message ?? "OK")
      })
      const stop = (): void => process.tell(JSON.stringify({ id, do: "stop" }))
      return { arrivals, [Symbol.dispose]: stop }
    }

  const close = once("close", ConnectionSchema, EmptySchema)
  const unregisterService = once("unregister-service", NetworkServiceSchema, EmptySchema)
  const unregisterEndpoint = once("unregister-endpoint", NetworkServiceEndpointSchema, EmptySchema)
  return {
    name: options.name,
    request: once("request", NetworkServiceRequestSchema, ConnectionSchema),
    close: async (connection) => void (await close(connection)),
    monitor: stream("monitor", MonitorScopeSelectorSchema, ConnectionEventSchema),
    registerService: once("register-service", NetworkServiceSchema, NetworkServiceSchema),
    unregisterService: async (service) => void (await unregisterService(service)),
    findServices: stream("find-services", NetworkServiceQuerySchema, NetworkServiceResponseSchema),
    registerEndpoint: once(
      "register-endpoint",
      NetworkServiceEndpointSchema,
      NetworkServiceEndpointSchema,
    ),
    unregisterEndpoint: async (entry) => void (await unregisterEndpoint(entry)),
    findEndpoints: stream(
      "find-endpoints",
      NetworkServiceEndpointQuerySchema,
      NetworkServiceEndpointResponseSchema,
    ),
    kill: () => process.kill(),
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  }
}
