import { create } from "@bufbuild/protobuf"
import { ConnectionSchema } from "@nsm/api"
import { NsmError } from "../core/errors.ts"
import type { NetworkService } from "./service.ts"

/** What stands behind the last element of an endpoint: grants the connection as the chain left it. */
export const grant: NetworkService = {
  request: async ({ connection }) => connection ?? create(ConnectionSchema),
  close: async () => {},
  // oxlint-disable-next-line require-yield -- an endpoint without the monitor element has no events
  async *monitorConnections() {
    throw new NsmError("UNIMPLEMENTED", "connections cannot be monitored here")
  },
}
