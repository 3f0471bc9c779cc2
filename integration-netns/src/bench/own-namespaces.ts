import { spawn } from "node:child_process"
import { exitOf } from "../lab/exit.ts"

const mark = "BENCH_IN_OWN_NAMESPACES"

/**
 * Runs this program again in namespaces of its own, and answers its exit status; undefined in the
 * run that is inside. So an ordinary user can run it, the machine's network is untouched, and when
 * it ends, however it ends, the kernel ends every process and takes every interface away.
 */
export async function inOwnNamespaces(): Promise<number | undefined> {
  if (process.env[mark] !== undefined) return undefined
  const user = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"]
  const namespaces = ["--net", "--mount", "--pid", "--mount-proc", "--fork", "--kill-child"]
  const node = [process.execPath, ...process.execArgv, ...process.argv.slice(1)]
  const inside = spawn("unshare", [...user, ...namespaces, "--", ...node], {
    stdio: "inherit",
    env: { ...process.env, [mark]: "yes" },
  })
  // Ctrl-C reaches the whole terminal group: this one waits for the one inside to end in order.
  const ignore = (): void => undefined
  process.on("SIGINT", ignore).on("SIGTERM", () => inside.kill("SIGTERM"))
  const { code } = await exitOf(inside)
  return code ?? 1
}
