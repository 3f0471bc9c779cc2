import type { Readiness } from "../readiness.ts"
import type { HttpAnswer, Route } from "./route.ts"

/** What the health routes report on. */
export interface HealthOptions {
  readonly readiness: Readiness
  /** Fires when the daemon begins to end; from then on it is not ready. */
  readonly signal: AbortSignal
}

/**
 * `/livez` answers as long as the process turns over, whatever its peers do; `/readyz` when every
 * need is met; `/healthz` as `/readyz`. With `?verbose` each check has a line.
 */
export function healthRoutes({ readiness, signal }: HealthOptions): readonly Route[] {
  const live: Route = {
    method: "GET",
    path: "/livez",
    answer: ({ query }) => ({ body: query.has("verbose") ? "[+] process ok\nlivez ok\n" : "ok\n" }),
  }
  const ready = (path: string): Route => ({
    method: "GET",
    path,
    answer: ({ query }) => report(path.slice(1), { readiness, signal }, query.has("verbose")),
  })
  return [live, ready("/readyz"), ready("/healthz")]
}

function report(
  title: string,
  { readiness, signal }: HealthOptions,
  isVerbose: boolean,
): HttpAnswer {
  const isReady = readiness.isReady && !signal.aborted
  const status = isReady ? 200 : 503
  if (!isVerbose) return { status, body: isReady ? "ok\n" : "not ready\n" }
  const lines = readiness.checks.map(({ name, isMet, why }) =>
    isMet ? `[+] ${name} ok` : `[-] ${name}: ${why ?? "not met"}`,
  )
  if (signal.aborted) lines.push("[-] process: is ending")
  return { status, body: [...lines, `${title} ${isReady ? "ok" : "failed"}`, ""].join("\n") }
}
