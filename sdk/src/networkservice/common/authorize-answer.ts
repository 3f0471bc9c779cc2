import { create } from "@bufbuild/protobuf"
import { type Connection, PathSchema } from "@nsm/api"
import { callee, type Callee, type Call, type Peer } from "../../core/call.ts"
import { element, type Element } from "../../core/chain.ts"
import { checked } from "../../policy/checked.ts"
import { pathInput } from "../../policy/path-input.ts"
import type { Policies } from "../../policy/policies.ts"
import { orClose } from "../or-close.ts"
import type { NetworkService } from "../service.ts"
import { connectionKey } from "./connection-state.ts"

/** What servers have to obey. */
export interface AuthorizeAnswerOptions {
  /** Asked about the whole path of an answer, and about that of a connection before it is closed. */
  readonly answers: Policies
}

/**
 * Takes an answer only if all policies allow it. What a first request was granted against them is
 * closed again; a refresh only fails.
 *
 * Placement: right before `connect`, in chains in which connections begin, so that nothing sees an
 * answer before this does.
 */
export function authorizeAnswer({ answers }: AuthorizeAnswerOptions): Element<NetworkService> {
  const server = connectionKey<Peer>("server")
  const check = async ({ path }: Connection, peer: Peer | undefined, call: Call): Promise<void> =>
    answers.check(pathInput(path ?? create(PathSchema)), peer, call)

  return element("authorize-answer", (next) => ({
    async request(request, call) {
      // One for all who ask, for the transport tells the innermost only.
      const asked: Callee = call.get(callee) ?? {}
      const within = call.with(callee, asked)
      const connection = await next.request(request, within).then(
        orClose(next, call, async (granted) => {
          const askAgain = (): Promise<Connection> =>
            next.request({ ...request, connection: granted }, within)
          return await checked(granted, asked, askAgain, (answer) =>
            check(answer, asked.peer, call),
          )
        }),
      )
      if (asked.peer) server.set(call, asked.peer)
      return connection
    },
    async close(connection, call) {
      await check(connection, server.get(call), call)
      await next.close(connection, call)
    },
  }))
}
