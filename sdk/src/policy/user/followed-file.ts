import { readFile, stat } from "node:fs/promises"
import type { Clock } from "../../core/clock.ts"
import { NsmError } from "../../core/errors.ts"
import type { Log } from "../../core/log.ts"
import type { Policy } from "../policy.ts"
import { wasmPolicy } from "./wasm.ts"

/** How files are followed. */
export interface FollowOptions {
  readonly clock: Clock
  readonly log: Log
  /** Milliseconds between looks at a file. @default 1000 */
  readonly periodMs?: number
  /** Hears of each policy that could not be loaded. @default nobody */
  readonly onLoadFailure?: (policy: string) => void
}

/** A policy that follows its file until it is disposed. */
export type FollowedPolicy = Policy & AsyncDisposable

/**
 * Loads a policy and follows changes of its file. A file that cannot be loaded fails at first; later
 * it is warned about once, and the last good one holds. It looks again and again, because
 * configuration maps are exchanged by way of links, which file notifications miss.
 */
export async function followedPolicy(
  path: string,
  { clock, log, periodMs = 1000, onLoadFailure = () => {} }: FollowOptions,
): Promise<FollowedPolicy> {
  const load = async (): Promise<Policy["evaluate"]> => {
    try {
      return await wasmPolicy(await readFile(path))
    } catch (thrown) {
      onLoadFailure(path)
      const { text } = NsmError.from(thrown)
      throw new NsmError("POLICY_INVALID", `policy ${path} cannot be loaded: ${text}`, {
        cause: thrown,
      })
    }
  }

  let seen = await stateOf(path)
  let evaluate = await load()
  const look = async (): Promise<void> => {
    const state = await stateOf(path)
    if (state === seen) return
    seen = state
    try {
      evaluate = await load()
      log.info("policy loaded", { policy: path })
    } catch (error) {
      log.warn("policy not loaded, the last good one holds", { policy: path, error })
    }
  }

  let timer: Disposable
  let looking = Promise.resolve()
  let isOver = false
  const lookLater = (): void => {
    if (isOver) return
    timer = clock.schedule(periodMs, () => {
      looking = look().then(lookLater)
    })
  }
  lookLater()
  return {
    name: path,
    evaluate: (question) => evaluate(question),
    async [Symbol.asyncDispose]() {
      isOver = true
      timer[Symbol.dispose]()
      await looking
    },
  }
}

/** Differs whenever the file does; undefined when there is none. */
async function stateOf(path: string): Promise<string | undefined> {
  try {
    const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true })
    return [ino, size, mtimeNs, ctimeNs].join(":")
  } catch {
    return undefined
  }
}
