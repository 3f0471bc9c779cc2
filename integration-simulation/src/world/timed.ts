import { type Call, connectionOf, type NetworkService } from "@nsm/sdk"
import type { World } from "./world.ts"

/** Writes down which calls a hop has open, and when each has to be over. */
export function timed(
  service: NetworkService,
  { books, clock }: World,
  hop: string,
): NetworkService {
  const open = async <T>(
    what: string,
    connectionId: string,
    { remainingMs }: Call,
    run: () => Promise<T>,
  ): Promise<T> => {
    const endsBy = clock.now() + (remainingMs ?? Infinity)
    const entry = { hop, what, connectionId, endsBy }
    books.open.add(entry)
    try {
      return await run()
    } finally {
      books.open.delete(entry)
    }
  }
  return {
    ...service,
    request: (request, call) =>
      open("request", connectionOf(request).id, call, () => service.request(request, call)),
    close: (connection, call) =>
      open("close", connection.id, call, () => service.close(connection, call)),
  }
}
