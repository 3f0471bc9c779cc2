import { create, type MessageInitShape } from "@bufbuild/protobuf"
import { NetworkServiceSchema } from "@nsm/api"
import { registryClient, silentLog, systemClock, withCall } from "@nsm/sdk"
import type { Lab, LabNode } from "./lab.ts"

/** Registers a network service with its match rules, as its owner does before endpoints come. */
export async function registerService(
  lab: Lab,
  { managerUrl: url }: Pick<LabNode, "managerUrl">,
  service: MessageInitShape<typeof NetworkServiceSchema>,
): Promise<void> {
  await using transport = lab.transport()
  const end = new AbortController()
  const { services } = registryClient({ transport, url, signal: end.signal })
  const limits = { clock: systemClock, log: silentLog, timeoutMs: 5000 }
  await withCall(limits, (call) =>
    services.register(create(NetworkServiceSchema, { payload: "ETHERNET", ...service }), call),
  )
  end.abort()
}
