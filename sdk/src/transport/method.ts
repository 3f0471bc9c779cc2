import type { Message } from "@bufbuild/protobuf"
import type { Call } from "../core/call.ts"
import { type Codec, codecs } from "./codec.ts"
import { health, healthWire } from "./health.ts"
import { expose, type Exposed } from "./transport.ts"

/** One method that a listener serves. */
export interface Method {
  readonly codec: Codec
  /** Runs a method that gives one answer. */
  answer(request: Message, call: Call): Promise<Message | undefined>
  /** Runs a method that streams answers. */
  stream(request: Message, call: Call): AsyncIterable<Message>
}

/** Everything that a listener serves, by path, with the health service that every listener has. */
export function methods(exposed: readonly Exposed[]): ReadonlyMap<string, Method> {
  const byPath = new Map<string, Method>()
  for (const { wire, service } of [...exposed, expose(healthWire, health(exposed))]) {
    for (const [name, codec] of codecs<object>(wire)) {
      if (!byPath.has(codec.path)) byPath.set(codec.path, method(codec, service, name))
    }
  }
  return byPath
}

function method(codec: Codec, service: object, name: string): Method {
  const run = (request: Message, call: Call): unknown =>
    (service as Readonly<Record<string, Run>>)[name]?.(request, call)
  return {
    codec,
    answer: (request, call) => run(request, call) as Promise<Message | undefined>,
    stream: (request, call) => run(request, call) as AsyncIterable<Message>,
  }
}

type Run = (request: Message, call: Call) => unknown
