import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { openSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { connect } from "node:net"
import { join } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { NsmError } from "@nsm/sdk"
import { isSource, ownFolder } from "../own-folder.ts"
import type { SessionDirectory } from "./directory.ts"

/** Waiting for a process that has ended must not keep this one. */
const whileItRuns = { ref: false }

/** How long the supervisor may take until it answers on its control socket. */
const startLimitMs = 15_000

/** A supervisor that runs. */
export interface Launched {
  /** The supervisor's pid as seen from here. */
  readonly pid: number
  readonly process: ChildProcess
}

/**
 * Starts the supervisor in namespaces of its own: as process 1 of a PID namespace, so that when it
 * ends, however it ends, the kernel ends every daemon and with them every interface; with its own
 * network, so that the machine's is not touched; and for ordinary users in a user namespace.
 * A `tied` supervisor ends with this process; the other kind goes on.
 */
export async function launch(directory: SessionDirectory, tied: boolean): Promise<Launched> {
  const log = openSync(join(directory.path, "supervisor.log"), "a")
  const user = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"]
  const child = spawn(
    "unshare",
    [
      ...user,
      ...["--net", "--mount", "--pid", "--mount-proc", "--fork", "--kill-child"],
      ...[
        "--",
        process.execPath,
        ...process.execArgv,
        supervisorPath,
        directory.path,
        tied ? "tied" : "free",
      ],
    ],
    // A group of its own: Ctrl-C is for us, who then end it in order.
    { detached: true, stdio: [tied ? "pipe" : "ignore", log, log] },
  )
  const failed = new Promise<never>((_, reject) => {
    child.once("error", (cause) => reject(unstartable(cause.message, cause)))
    child.once("exit", (code) => {
      const said = readFile(join(directory.path, "supervisor.log"), "utf8").catch(() => "")
      said.then((text) => reject(unstartable(text.trim() || `it ended with ${code}`)), reject)
    })
  })
  failed.catch(() => {})
  const pid = await Promise.race([supervisorOf(child.pid), failed])
  await Promise.race([answering(directory), failed])
  if (!tied) child.unref()
  return { pid, process: child }
}

const supervisorPath = fileURLToPath(
  new URL(isSource ? "src/playground/supervisor.main.ts" : "dist/supervisor.js", ownFolder),
)

/** unshare forks once: its only child is the supervisor. */
async function supervisorOf(launcher: number | undefined): Promise<number> {
  for (let waited = 0; launcher !== undefined && waited < startLimitMs; waited += 10) {
    const children = await readFile(`/proc/${launcher}/task/${launcher}/children`, "utf8").catch(
      () => "",
    )
    const pid = Number.parseInt(children, 10)
    if (pid > 0) return pid
    await wait(10, undefined, whileItRuns)
  }
  throw unstartable("unshare did not start")
}

/** The supervisor makes its control socket as the last thing before it takes commands. */
async function answering({ controlSocket }: SessionDirectory): Promise<void> {
  for (let waited = 0; waited < startLimitMs; waited += 10) {
    if (await accepts(controlSocket)) return
    await wait(10, undefined, whileItRuns)
  }
  throw unstartable(`the supervisor did not answer within ${startLimitMs / 1000} s`)
}

/** A socket's file is there a moment before anybody listens. */
async function accepts(path: string): Promise<boolean> {
  const socket = connect(path)
  try {
    await once(socket, "connect")
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

function unstartable(why: string, cause?: unknown): NsmError {
  const denied = /not permitted|denied|No space left/.test(why)
  return new NsmError(
    denied ? "PRIVILEGE_MISSING" : "KERNEL_FEATURE_MISSING",
    `the playground's namespaces cannot be made: ${why}${denied ? "; are user namespaces allowed (sysctl user.max_user_namespaces, user.max_net_namespaces, kernel.apparmor_restrict_unprivileged_userns)?" : ""}`,
    { cause },
  )
}
