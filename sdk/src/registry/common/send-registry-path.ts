import { Header } from "@nsm/api"
import { type Call, receivedMetadata, sentMetadata } from "../../core/call.ts"
import { type Element, element } from "../../core/chain.ts"
import { NsmError } from "../../core/errors.ts"
import type { Deletable, Kind, Named, Watchable } from "../kind.ts"
import {
  decodePath,
  emptyPath,
  encodePath,
  registryPath,
  type RegistryPath,
} from "../registry-path.ts"
import type { Registry } from "../service.ts"

/**
 * Sends the path of a registration along and keeps what comes back, for the next time that the entry
 * is registered or taken out.
 *
 * Placement: in whoever calls a registry, behind `begin`, the last but for what changes entries; behind
 * whatever judges the answer by its path.
 */
export function sendRegistryPath<
  Entry extends Named,
  Query extends Watchable,
  Response extends Deletable,
>({ noun }: Kind<Entry, Query, Response>): Element<Registry<Entry, Query, Response>> {
  return element("send-registry-path", (next) => {
    const kept = new Map<string, RegistryPath>()

    const send = async <T>(
      name: string,
      call: Call,
      go: (call: Call) => Promise<T>,
    ): Promise<T> => {
      const holder = call.get(registryPath)
      // Events from inside the chain come without a caller's path.
      const path = holder?.path ?? kept.get(name) ?? emptyPath
      const received = call.get(receivedMetadata) ?? new Map<string, string>()
      // Of a try that failed.
      received.delete(Header.path)
      const sent = new Map(call.get(sentMetadata)).set(Header.path, encodePath(path))
      const answer = await go(call.with(sentMetadata, sent).with(receivedMetadata, received))
      const answered = answeredPath(path, received.get(Header.path), `${noun} ${name}`)
      if (holder) holder.path = answered
      kept.set(name, answered)
      return answer
    }

    return {
      register: (entry, call) => send(entry.name, call, (sent) => next.register(entry, sent)),
      async unregister(entry, call) {
        await send(entry.name, call, (sent) => next.unregister(entry, sent))
        kept.delete(entry.name)
      },
    }
  })
}

function answeredPath(sent: RegistryPath, header: string | undefined, what: string): RegistryPath {
  if (header === undefined) return sent
  const answered = decodePath(header)
  if (answered.index === sent.index) return answered
  throw new NsmError(
    "PATH_INVALID",
    `the header path of ${what} was answered with the Index ${answered.index}, but sent with ${sent.index}`,
  )
}
