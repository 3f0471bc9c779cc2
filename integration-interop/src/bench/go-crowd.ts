import { toJson } from "@bufbuild/protobuf"
import { NetworkServiceRequestSchema } from "@nsm/api"
import { GoProcess } from "../lab/go-process.ts"
import type { Mesh } from "../lab/mesh.ts"
import { type Crowd, crowdRequest, type Outcome, requestLimitMs } from "./load.ts"

/** Clients of the Go side, all in one process of it. */
export async function goCrowd({ trust, managerUrl, directory }: Mesh): Promise<Crowd> {
  const name = "go-crowd"
  let answer: PromiseWithResolvers<Outcome> | undefined
  const settings = {
    SPIFFE_ENDPOINT_SOCKET: await trust.socketOf(name),
    NSM_CONNECT_TO: managerUrl,
    NSM_DIAL_TIMEOUT: "15s",
  }
  const process = await GoProcess.start(
    "nsc",
    { name, url: managerUrl, settings, directory },
    (text) => {
      const { message, failure } = JSON.parse(text) as {
        readonly message?: Outcome
        readonly failure?: { readonly message: string }
      }
      if (failure) answer?.reject(new Error(failure.message))
      else if (message) answer?.resolve(message)
    },
  )
  let serial = 0
  return {
    async ask({ clients, count }) {
      answer = Promise.withResolvers()
      const id = serial++
      const request = toJson(NetworkServiceRequestSchema, crowdRequest("any"))
      const message = { clients, count, prefix: `go-client-${id}`, request }
      const timeoutMs = requestLimitMs * 2
      process.tell(JSON.stringify({ id, do: "load", timeoutMs, message }))
      return await answer.promise
    },
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  }
}
