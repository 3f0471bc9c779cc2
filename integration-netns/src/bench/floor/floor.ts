import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { Client, credentials } from "@grpc/grpc-js"
import {
  type Connection,
  grpcMethod,
  type NetworkServiceRequest,
  NetworkServiceService,
} from "@nsm/api"
import { temporaryFolder } from "@nsm/sdk/testing"
import { exitOf } from "../../lab/exit.ts"
import { besideFile, nodeOptions } from "../../lab/programs.ts"

/** A chain of plain gRPC relays, which answers a request with its connection. */
export interface Floor extends AsyncDisposable {
  request(request: NetworkServiceRequest): Promise<Connection>
}

/**
 * Starts as many processes as a request meets after its client: where a manager, a forwarder and an
 * endpoint would be, two relays and a server that do nothing. Calls go over unix sockets.
 */
export async function startFloor(): Promise<Floor> {
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await temporaryFolder())
  const urls = ["manager", "forwarder", "endpoint"].map((name) => folder.socket(name))
  for (const [index, url] of urls.entries()) {
    stack.adopt(await startRelay([url, ...urls.slice(index + 1, index + 2)]), end)
  }
  const client = stack.adopt(new Client(urls[0] ?? "", credentials.createInsecure()), (it) =>
    it.close(),
  )
  const { path, requestSerialize, responseDeserialize } = method
  const started = stack.move()
  return {
    request: (request) =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(
          path,
          requestSerialize,
          responseDeserialize,
          request,
          (failure, answer) => {
            if (answer) resolve(answer)
            else reject(failure ?? new Error("the floor gave no answer"))
          },
        )
      }),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

const method = grpcMethod(NetworkServiceService.method.request)

async function startRelay(args: readonly string[]): Promise<ChildProcess> {
  const file = besideFile("relay-process", import.meta.url)
  const relay = spawn(process.execPath, [...nodeOptions, file, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  })
  await once(relay.stdout, "data")
  return relay
}

async function end(relay: ChildProcess): Promise<void> {
  const exit = exitOf(relay)
  relay.kill()
  await exit
}
