import { dirname } from "node:path"
import { run } from "../command.ts"

/** How npm is run. */
export interface NpmOptions {
  readonly cwd: string
  readonly signal?: AbortSignal | undefined
  /** After this long npm is ended. @default 300000 */
  readonly timeoutMs?: number | undefined
}

/** Runs npm in a folder as if nobody had called it from another package's script. */
export async function npm(args: readonly string[], options: NpmOptions): Promise<string> {
  const { cwd, signal, timeoutMs = 300_000 } = options
  const env = environmentAlone()
  const reasonOf = (said: string) =>
    unreachable.test(said) ? ("REGISTRY_UNREACHABLE" as const) : ("CHECK_FAILED" as const)
  return (await run("npm", args, { cwd, env, signal, timeoutMs, lines: 200, reasonOf })).text
}

/** What differs from the caller's environment where a package is alone; undefined takes away. */
export function environmentAlone(): Readonly<Record<string, string | undefined>> {
  const isOurs = (key: string): boolean => !foreign.test(key) && !secret.test(key)
  const outer = Object.keys(process.env).filter((key) => !isOurs(key))
  return {
    ...Object.fromEntries(outer.map((key) => [key, undefined])),
    // Whatever npm itself runs on, scripts run on the Node of the suite.
    PATH: `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`,
  }
}

/** What npm tells the scripts of a package about that package, and how much it was to say itself. */
const foreign =
  /^(npm_(package|lifecycle|command|execpath|node_execpath)|npm_config_(json|loglevel|local_prefix|workspace|save_exact)|INIT_CWD|NODE_OPTIONS)/

/** What lets the pipeline push is not for the scripts of packages. */
const secret = /^(GH|GITHUB)_(ENTERPRISE_)?TOKEN$|^ACTIONS_(RUNTIME|ID_TOKEN|CACHE|RESULTS)_/

/** npm asked its registry, and there was no answer. */
const unreachable =
  /^npm error code (E(NOTFOUND|AI_AGAIN|CONNREFUSED|CONNRESET|TIMEDOUT|NETUNREACH|HOSTUNREACH)|ENOTCACHED|ERR_SOCKET_TIMEOUT)$/m
