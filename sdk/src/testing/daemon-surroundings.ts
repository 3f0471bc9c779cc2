import { unsignedTokens } from "../identity/token.ts"
import { grpcTransport, type GrpcTransportOptions } from "../transport/grpc/transport.ts"
import type { Transport } from "../transport/transport.ts"
import { DaemonProcess, type DaemonProcessOptions } from "./daemon-process.ts"
import { type NullNode, nullNode, type NullNodeOptions } from "./null-node.ts"
import { temporaryFolder, type TemporaryFolder } from "./temporary-folder.ts"

/** Which daemon is tried, and what it meets. */
export interface DaemonSurroundingsOptions
  extends
    Pick<DaemonProcessOptions, "main">,
    Pick<GrpcTransportOptions, "unixSockets">,
    Pick<NullNodeOptions, "endpointElements"> {
  /** Its settings, beside where its manager is and that nobody has an identity. */
  readonly env: Readonly<Record<string, string>>
}

/** A daemon's world in a folder of its own: a place for its manager, and whoever asks it. */
export class DaemonSurroundings implements AsyncDisposable {
  readonly folder: TemporaryFolder
  readonly managerUrl: string
  /** Carries the calls of the test. */
  readonly transport: Transport
  /** What else ends with the test, before all this. */
  readonly cleanup: AsyncDisposableStack
  readonly #options: DaemonSurroundingsOptions

  private constructor(
    folder: TemporaryFolder,
    cleanup: AsyncDisposableStack,
    options: DaemonSurroundingsOptions,
  ) {
    const { unixSockets } = options
    const tokens = unsignedTokens()
    this.folder = folder
    this.managerUrl = folder.socket("nsm.io.sock")
    this.cleanup = cleanup
    this.transport = cleanup.use(
      grpcTransport({ name: "test", tokens, ...(unixSockets && { unixSockets }) }),
    )
    this.#options = options
  }

  static async open(options: DaemonSurroundingsOptions): Promise<DaemonSurroundings> {
    const cleanup = new AsyncDisposableStack()
    return new DaemonSurroundings(cleanup.use(await temporaryFolder()), cleanup, options)
  }

  /** Starts a manager and a forwarder without a data plane. */
  async node(): Promise<NullNode> {
    const { transport, managerUrl, folder } = this
    const { endpointElements = [] } = this.#options
    const forwarderUrl = folder.socket("forwarder")
    return this.cleanup.use(
      await nullNode({ transport, managerUrl, forwarderUrl, endpointElements }),
    )
  }

  /** Starts the daemon. */
  start(env: Readonly<Record<string, string>> = {}): DaemonProcess {
    const { main, env: usual } = this.#options
    const { path } = this.folder
    // What a daemon that is killed leaves goes with the folder.
    const own = { NSM_INSECURE: "true", NSM_CONNECT_TO: this.managerUrl, TMPDIR: path }
    return this.cleanup.use(new DaemonProcess({ main, env: { ...own, ...usual, ...env } }))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cleanup.disposeAsync()
  }
}
