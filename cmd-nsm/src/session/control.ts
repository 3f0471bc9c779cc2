import { type IncomingMessage, request } from "node:http"
import { createInterface } from "node:readline"
import { NsmError } from "@nsm/sdk"
import type { ErrorDescription } from "@nsm/sdk/daemon"
import type { SessionDirectory } from "./directory.ts"
import { livePlaygrounds } from "./playgrounds.ts"
import { toldError } from "./told-error.ts"

/** What a supervisor says while it works, one JSON line each; the last is a result or an error. */
export type ControlEvent =
  | { readonly kind: "step"; readonly text: string }
  | { readonly kind: "result"; readonly value: unknown }
  | { readonly kind: "error"; readonly error: ErrorDescription }

/** What a supervisor can be asked. */
export type ControlVerb =
  | "up"
  | "add"
  | "remove"
  | "kill"
  | "restart"
  | "status"
  | "ping"
  | "path"
  | "audit"
  | "selection"
  | "close"
  | "namespaces"
  | "down"

/** Asks a supervisor; steps go to `onStep` as they come. */
export async function ask<T>(
  { controlSocket, name }: SessionDirectory,
  verb: ControlVerb,
  body: unknown = {},
  onStep: (text: string) => void = () => {},
): Promise<T> {
  const response = await post(controlSocket, verb, JSON.stringify(body)).catch(
    async (cause: unknown) => {
      throw await noPlayground(name, cause)
    },
  )
  // Made only here: an interface that nobody iterates yet loses lines.
  for await (const line of createInterface({ input: response })) {
    const event = JSON.parse(line) as ControlEvent
    if (event.kind === "step") onStep(event.text)
    if (event.kind === "result") return event.value as T
    if (event.kind === "error") throw toldError(event.error)
  }
  throw new NsmError("PEER_UNREACHABLE", `the playground "${name}" ended before it answered`)
}

/** Why a playground cannot be asked. People forget which one they have up. */
export async function noPlayground(name: string, cause?: unknown): Promise<NsmError> {
  const all = await livePlaygrounds()
  if (all.includes(name)) {
    return new NsmError("PEER_UNREACHABLE", `the playground "${name}" does not answer`, {
      cause,
      remedy: `Wait until it is up, or end it: nsm down ${name}`,
    })
  }
  const remedy =
    all.length > 0 ? `Name one that is up with -n: ${all.join(", ")}` : "Start one: nsm up"
  return new NsmError("PEER_UNREACHABLE", `no playground "${name}" is up`, { cause, remedy })
}

function post(socketPath: string, verb: ControlVerb, body: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, path: `/${verb}`, method: "POST" }, resolve)
    call.once("error", reject)
    call.end(body)
  })
}
