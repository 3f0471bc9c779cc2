import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { NsmError } from "@nsm/sdk"
import { describeError } from "@nsm/sdk/daemon"
import type { ControlEvent, ControlVerb } from "../session/control.ts"

/** Answers one verb; `step` reports progress meanwhile, `signal` fires when nobody waits any more. */
export type Handler = (
  body: unknown,
  step: (text: string) => void,
  signal: AbortSignal,
) => Promise<unknown>

/** Serves the playground's verbs on a unix socket, answering in JSON lines. */
export function controlServer(handlers: Readonly<Record<ControlVerb, Handler>>): Server {
  return createServer((incoming, response) => {
    answer(incoming, response, handlers).catch(() => response.destroy())
  })
}

async function answer(
  incoming: IncomingMessage,
  response: ServerResponse,
  handlers: Readonly<Record<string, Handler>>,
): Promise<void> {
  const gone = new AbortController()
  response.once("close", () => {
    if (!response.writableFinished) gone.abort()
  })
  const say = (event: ControlEvent): void => void response.write(`${JSON.stringify(event)}\n`)
  try {
    const verb = incoming.url?.slice(1) ?? ""
    const handler = handlers[verb]
    if (!handler) throw new NsmError("UNIMPLEMENTED", `the playground does not know "${verb}"`)
    const step = (text: string): void => say({ kind: "step", text })
    const value = await handler(JSON.parse(await read(incoming)), step, gone.signal)
    say({ kind: "result", value: value ?? null })
  } catch (thrown) {
    say({ kind: "error", error: describeError(NsmError.from(thrown)) })
  }
  response.end()
}

async function read(incoming: IncomingMessage): Promise<string> {
  let body = ""
  for await (const part of incoming.setEncoding("utf8")) body += part as string
  return body || "{}"
}
