import { create } from "@bufbuild/protobuf"
import { type NetworkService, NetworkServiceSchema } from "@nsm/api"
import type { Values } from "@nsm/sdk/daemon"
import type { settings } from "./config.ts"

/** The services as the registry gets them: without match rules, so that every client matches. */
export function serviceEntries({
  serviceNames,
  payload,
}: Pick<Values<typeof settings>, "serviceNames" | "payload">): readonly NetworkService[] {
  return serviceNames.map((name) => create(NetworkServiceSchema, { name, payload }))
}
