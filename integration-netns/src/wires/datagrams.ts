import { once } from "node:events"
import { text } from "node:stream/consumers"
import type { NetworkNamespace } from "@nsm/sdk-kernel"
import { exitOf } from "../lab/exit.ts"
import { besideFile, nodeOptions } from "../lab/programs.ts"

const file = besideFile("datagram-process", import.meta.url)

/** Sends datagrams of some sizes to the other end of a wire; answers the sizes that came back. */
export async function returnedDatagrams(
  client: NetworkNamespace,
  server: NetworkNamespace,
  address: string,
  sizes: readonly number[],
): Promise<readonly number[]> {
  const run = (place: NetworkNamespace, ...args: readonly string[]) =>
    place.spawn(process.execPath, [...nodeOptions, file, ...args], {
      stdio: ["ignore", "pipe", "inherit"],
    })
  const serving = run(server, "serve", address)
  const ended = exitOf(serving)
  try {
    await once(serving.stdout ?? serving, "data")
    const sending = run(client, "send", address, ...sizes.map(String))
    const said = sending.stdout ? await text(sending.stdout) : ""
    return said.split(" ").map(Number)
  } finally {
    serving.kill()
    await ended
  }
}
