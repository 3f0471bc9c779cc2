import { create } from "@bufbuild/protobuf"
import { NetworkServiceEndpointSchema, NetworkServiceSchema } from "@nsm/api"
import { type Check, must, there } from "../check.ts"
import { emptyPath } from "../scene.ts"
import {
  registries,
  endpoints,
  services,
  withEntry,
  unregister,
  find,
  seenPath,
  unique,
} from "./registry-calls.ts"

/** Taking entries out. */
export const removalChecks: readonly Check[] = [
  {
    id: "registry-unregister",
    title: "An entry that is taken out is not found any more.",
    source: "registry.proto: NetworkServiceEndpointRegistry.Unregister",
    roles: registries,
    run: withEntry(async ({ answer, name }, { probe }) => {
      const { code, status, details } = await unregister(probe, answer)
      must(code === 0, `${status} ${details}`)
      must(!(await find(probe, { name })).includes(name), "still there")
      return status
    }),
  },
  {
    id: "registry-unregister-path",
    title: "The answer to Unregister of an endpoint has the header path, as that to Register has.",
    source: "gRPC metadata path of Unregister; the policy client/next_token_signed",
    roles: registries,
    run: withEntry(async ({ answer }, { probe }) => {
      const entry = there(answer.message, answer.status)
      return seenPath(await probe.call(endpoints.unregister, entry, emptyPath))
    }),
  },
  {
    id: "registry-service-unregister-path",
    title: "The answer to Unregister of a network service has it, too.",
    source: "gRPC metadata path of Unregister; the policy client/next_token_signed",
    roles: registries,
    async run({ probe }) {
      const entry = create(NetworkServiceSchema, { name: unique() })
      await probe.call(services.register, entry, emptyPath)
      return seenPath(await probe.call(services.unregister, entry, emptyPath))
    },
  },
  {
    id: "registry-unregister-unknown",
    title: "Taking out what is not there does no harm.",
    source: "registry.proto: NetworkServiceEndpointRegistry.Unregister",
    roles: registries,
    async run({ probe }) {
      const entry = create(NetworkServiceEndpointSchema, { name: unique() })
      const { code, status, details } = await probe.call(endpoints.unregister, entry, emptyPath)
      must(code === 0, `${status} ${details}`)
      return status
    },
  },
]
