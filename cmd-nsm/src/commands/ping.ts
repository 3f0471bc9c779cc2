import { NsmError } from "@nsm/sdk"
import type { PingResult } from "../playground/status.ts"
import { ask } from "../session/control.ts"
import { sessionDirectory } from "../session/directory.ts"
import { type Format, print, printJson } from "../view/output.ts"
import { table } from "../view/table.ts"

/** Sends echo requests through every wire of a playground and prints what came back. */
export async function ping(name: string, count: number, format: Format): Promise<void> {
  const results = await ask<PingResult[]>(sessionDirectory(name), "ping", { count })
  if (format === "json") printJson({ schemaVersion: 1, pings: results })
  else {
    print(
      table(
        ["CLIENT", "FROM", "TO", "SENT", "RECEIVED", "MIN / MAX"],
        results.map(({ client, source, destination, sent, received, rttMs }) => [
          client,
          source,
          destination,
          `${sent}`,
          `${received}`,
          received > 0
            ? `${Math.min(...rttMs).toFixed(2)} / ${Math.max(...rttMs).toFixed(2)} ms`
            : "-",
        ]),
      ),
    )
  }
  const silent = results.filter(({ received }) => received === 0)
  if (silent.length > 0) {
    throw new NsmError(
      "PEER_UNREACHABLE",
      `${silent.length} of ${results.length} address pairs gave no answer`,
    )
  }
}
