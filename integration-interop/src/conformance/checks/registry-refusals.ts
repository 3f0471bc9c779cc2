import { create } from "@bufbuild/protobuf"
import { Header, NetworkServiceEndpointSchema } from "@nsm/api"
import { newKey } from "@nsm/sdk/authority"
import { type Check, must } from "../check.ts"
import { writeToken } from "../json-web-token.ts"
import type { CallHeaders } from "../probe.ts"
import { emptyPath } from "../scene.ts"
import type { Subject } from "../subject.ts"
import {
  registries,
  endpoints,
  withEntry,
  register,
  registerService,
  find,
  unique,
} from "./registry-calls.ts"

/** What a registry has to refuse, and that nothing of it is kept. */
export const refusalsChecks: readonly Check[] = [
  {
    id: "registry-owned",
    title: "A name that somebody else registered is refused with PERMISSION_DENIED.",
    source: "the policy registry/client_allowed",
    roles: registries,
    run: withEntry(async ({ name }, subject) => {
      const { code, status } = await register(subject.caller(subject.other), { name })
      must(code === 7, status)
      return status
    }),
  },
  {
    id: "registry-owned-stays",
    title: "Nobody else can take it out.",
    source: "the policy registry/client_allowed",
    roles: registries,
    run: withEntry(async ({ name }, subject) => {
      const stranger = subject.caller(subject.other)
      const entry = create(NetworkServiceEndpointSchema, { name })
      const { status } = await stranger.call(endpoints.unregister, entry, emptyPath)
      const names = await find(subject.probe, { name })
      must(names.includes(name), `${status}, and it is gone`)
      return status
    }),
  },
  {
    id: "registry-service-owned",
    title:
      "A network service's name that somebody else registered is refused with PERMISSION_DENIED.",
    source: "the policy registry/client_allowed",
    roles: registries,
    async run(subject) {
      const name = unique()
      await registerService(subject.probe, name)
      const { code, status } = await registerService(subject.caller(subject.other), name)
      must(code === 7, status)
      return status
    },
  },
  refusal("no-path", "without the header path", () => ({ path: undefined })),
  refusal("path-no-json", "whose header path is no JSON", () => ({ path: "{Index" })),
  refusal("path-index", "whose path's index is beyond its segments", () => ({
    path: `{"Index":5,"PathSegments":[{"token":"a"}]}`,
  })),
  refusal("path-forged", "whose path has a token that is none", ({ probe }) => ({
    path: JSON.stringify({
      Index: 1,
      PathSegments: [{ token: "a.b.c" }, { token: probe.token() }],
    }),
  })),
  refusal("no-token", "without a token", () => ({ [Header.clientToken]: undefined })),
  refusal("other-key", "whose token is signed with another key", ({ as, id }) => ({
    [Header.clientToken]: writeToken(as, id, { key: newKey().privateKey }),
  })),
  refusal("ended", "whose token has ended", ({ as, id }) => ({
    [Header.clientToken]: writeToken(as, id, {
      claims: { exp: Math.floor(Date.now() / 1000) - 60 },
    }),
  })),
  {
    id: "registry-refused-leaves-nothing",
    title: "What is refused is not stored.",
    source: "registry.proto: NetworkServiceEndpointRegistry.Find",
    roles: registries,
    async run({ probe, as, id }) {
      const name = unique()
      const token = writeToken(as, id, { key: newKey().privateKey })
      const { status } = await register(probe, { name }, { [Header.clientToken]: token })
      const names = await find(probe, { name })
      must(!names.includes(name), `${status}, and it is there`)
      return status
    },
  },
  {
    id: "registry-no-name",
    title: "An endpoint without a name is refused.",
    source: "registry.proto: NetworkServiceEndpoint.name",
    roles: registries,
    async run({ probe }) {
      const { code, status } = await register(probe, { name: "" })
      must(code !== 0, "registered")
      return status
    },
  },
]

function refusal(id: string, words: string, headers: (subject: Subject) => CallHeaders): Check {
  return {
    id: `registry-${id}`,
    title: `A registration ${words} is refused.`,
    source: "gRPC metadata path of Register; the policies common/, registry/ and server/",
    roles: registries,
    async run(subject) {
      const { code, status } = await register(subject.probe, {}, headers(subject))
      must(code !== 0, "registered")
      return status
    },
  }
}
