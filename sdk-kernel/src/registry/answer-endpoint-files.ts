import type { NetworkServiceEndpointResponse } from "@nsm/api"
import {
  type Descriptors,
  element,
  type Element,
  type NetworkServiceEndpointRegistry,
} from "@nsm/sdk"
import { receivedPathIn } from "./endpoint-file.ts"

/**
 * Sends the sockets that were received from endpoints along with the answers that name them. Those at
 * paths stay there, for callers who see these paths and may know nothing of files.
 *
 * Placement: in a manager, the first of what others call; the manager itself asks behind it.
 */
export function answerEndpointFiles(): Element<NetworkServiceEndpointRegistry> {
  return element("answer-endpoint-files", (next) => ({
    async *find(query, call) {
      const descriptors = call.peer?.descriptors
      for await (const answer of next.find(query, call)) {
        yield descriptors && !answer.deleted ? withSocket(answer, descriptors) : answer
      }
    },
  }))
}

function withSocket(
  answer: NetworkServiceEndpointResponse,
  descriptors: Descriptors,
): NetworkServiceEndpointResponse {
  const { networkServiceEndpoint: endpoint } = answer
  const path = receivedPathIn(endpoint?.url ?? "")
  if (!endpoint || path === undefined) return answer
  const networkServiceEndpoint = { ...endpoint, url: descriptors.send(path) }
  return { ...answer, networkServiceEndpoint }
}
