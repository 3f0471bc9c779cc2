import { type Check, must, there } from "../check.ts"
import { isSignedBy, readToken } from "../json-web-token.ts"
import { registries, withEntry, registerService, pathOf } from "./registry-calls.ts"

/** Who stands in the path of a registration, and what proves it. */
export const pathChecks: readonly Check[] = [
  {
    id: "registry-path-header",
    title: "The answer's header path has the caller's index, and the tokens of caller and server.",
    source: "gRPC metadata path of Register",
    roles: registries,
    run: withEntry(async ({ answer, token }) => {
      const { Index: index, PathSegments: segments } = pathOf(answer)
      const seen = `Index ${index}, ${segments?.length ?? 0} segments`
      must(index === 0 && (segments?.length ?? 0) >= 2, seen)
      must(segments?.[0]?.token === token, "another token of the caller")
      return seen
    }),
  },
  {
    id: "registry-token",
    title:
      "The server's token in it is signed with the key of the certificate that the server shows.",
    source: "RFC 7518, section 3.4; gRPC metadata path of Register",
    roles: registries,
    run: withEntry(async ({ answer }, { id, certificate }) => {
      const token = there(readToken(pathOf(answer).PathSegments?.[1]?.token ?? ""), "no token")
      must(token.claims["sub"] === id, `sub ${String(token.claims["sub"])}`)
      must(isSignedBy(token, certificate), "signed with another key, or in another form")
      return "signed"
    }),
  },
  {
    id: "registry-path-ids",
    title: "path_ids are the SPIFFE ids of the caller, the server and those behind it.",
    source: "registry.proto: NetworkServiceEndpoint.path_ids",
    roles: registries,
    run: withEntry(async ({ answer: { message } }, { as, id }) => {
      const [first, second, ...behind] = message?.pathIds ?? []
      must(first === as.id && second === id, message?.pathIds.join(", ") || "none")
      return `caller, server${behind.map(() => ", the one behind").join("")}`
    }),
  },
  {
    id: "registry-service-path-ids",
    title: "path_ids of a network service are those, too.",
    source: "registry.proto: NetworkService.path_ids",
    roles: registries,
    async run(subject) {
      const { message, status, details } = await registerService(subject.probe)
      const [first, second] = there(message, `${status} ${details}`).pathIds
      must(first === subject.as.id && second === subject.id, `${first}, ${second}`)
      return "caller, server"
    },
  },
]
