import type { ChildProcess } from "node:child_process"
import type { NetworkNamespace } from "@nsm/sdk-kernel"

/** A process that does nothing in a network but to be there, so that it stays. */
export class Sandbox implements Disposable {
  readonly #process: ChildProcess

  constructor(place: Pick<NetworkNamespace, "spawn">) {
    const command = ["--pdeathsig", "KILL", "sleep", "infinity"]
    this.#process = place.spawn("setpriv", command, { stdio: "ignore" })
  }

  [Symbol.dispose](): void {
    this.#process.kill("SIGKILL")
  }
}
