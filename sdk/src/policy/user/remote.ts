import { callScope } from "../../core/call.ts"
import type { Clock } from "../../core/clock.ts"
import { NsmError } from "../../core/errors.ts"
import { allowed, type Policy } from "../policy.ts"
import { saidNo } from "./said-no.ts"

/** Where a policy is asked. */
export interface RemotePolicyOptions {
  /** Of the data API, such as `http://127.0.0.1:8181/v1/data/nsm/valid`, or that of the package. */
  readonly url: string
  readonly clock: Clock
  /** How long an answer may take. @default 1000 */
  readonly timeoutMs?: number
}

/**
 * A policy that an Open Policy Agent answers for; as long as none answers, nothing is allowed. Fails
 * with POLICY_INVALID for what is no such URL.
 */
export function remotePolicy({ url, clock, timeoutMs = 1000 }: RemotePolicyOptions): Policy {
  const { username, password } = URL.parse(url) ?? {}
  // Its name is in logs and metrics.
  if (username !== "" || password !== "") {
    throw new NsmError(
      "POLICY_INVALID",
      "the URL of a policy is none, or has a user or password in it, which others would see",
    )
  }
  return {
    name: url,
    async evaluate({ input, signal }) {
      using scope = callScope({ clock, deadline: clock.now() + timeoutMs, signal })
      const value = await ask(url, input, scope.signal)
      const { valid, why } = isObject(value) ? value : { valid: value, why: undefined }
      return valid === true ? allowed : saidNo(why)
    },
  }
}

/** What the data API answers; undefined when the policy comes to nothing. */
async function ask(url: string, input: object, signal: AbortSignal): Promise<unknown> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ input }),
      redirect: "error",
      signal,
    })
    if (!response.ok) throw new Error(`it answered with HTTP status ${response.status}`)
    const { result } = (await response.json()) as { readonly result?: unknown }
    return result
  } catch (cause) {
    if (signal.aborted) throw NsmError.from(signal.reason)
    throw new NsmError("POLICY_FAILED", reasonOf(cause), { cause })
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null
}

/** fetch hides what happened one level down. */
function reasonOf(thrown: unknown): string {
  const { message, cause } = thrown as Error
  return cause instanceof Error ? cause.message : message
}
