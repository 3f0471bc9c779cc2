import type { NetworkServiceEndpointResponse } from "@nsm/api"
import {
  type Descriptors,
  element,
  type Element,
  type NetworkServiceEndpointRegistry,
} from "@nsm/sdk"
import { inodeUrlAt } from "../descriptors/held-file.ts"
import { socketPathIn } from "./endpoint-file.ts"

/**
 * Sends the sockets of the endpoints that are found along with the answers, to callers that can take
 * them.
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
  const path = socketPathIn(endpoint?.url ?? "")
  // One that is not visible here may be visible there.
  if (!endpoint || path === undefined || inodeUrlAt(path) === undefined) return answer
  const networkServiceEndpoint = { ...endpoint, url: descriptors.send(path) }
  return { ...answer, networkServiceEndpoint }
}
