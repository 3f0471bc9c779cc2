import { timestampMs } from "@bufbuild/protobuf/wkt"
import { Header } from "@nsm/api"
import { newKey } from "@nsm/sdk/authority"
import { type Check, must, type Role, there } from "../check.ts"
import { isSignedBy, readToken, type TokenDeviations, writeToken } from "../json-web-token.ts"
import type { CallHeaders } from "../probe.ts"
import type { Scene } from "../scene.ts"
import type { Subject } from "../subject.ts"
import { ownSegment, within } from "./request.ts"

const onPath: readonly Role[] = ["nsmgr", "forwarder", "nse"]

/** The tokens in the path, and which tokens of callers are taken. */
export const tokenChecks: readonly Check[] = [
  {
    id: "token-previous",
    title: "The caller's segment gets the token and the end that came as headers.",
    source: "connection.proto: PathSegment.token, PathSegment.expires",
    roles: onPath,
    run: within(async (scene, { probe }) => {
      const token = probe.token()
      const expires = new Date(Math.ceil(Date.now() / 1000) * 1000 + 300_000)
      const headers = {
        [Header.clientToken]: token,
        [Header.clientTokenExpires]: expires.toISOString(),
      }
      const { path } = await scene.granted({ headers })
      const [first] = path?.pathSegments ?? []
      must(first?.token === token, "another token")
      const end = first.expires && timestampMs(first.expires)
      must(end === expires.getTime(), `ends at ${end}, and not at ${expires.getTime()}`)
      return "as sent"
    }),
  },
  {
    id: "token-form",
    title:
      "The server's token is a JSON Web Token with the header alg ES256, typ JWT and nothing else.",
    source: "RFC 7515, section 3.1; RFC 7519, section 5",
    roles: onPath,
    run: within(async (scene) => {
      const { header } = there(readToken(ownSegment(await scene.granted()).token), "no token")
      const seen = JSON.stringify(header)
      must(seen === `{"alg":"ES256","typ":"JWT"}` || seen === `{"typ":"JWT","alg":"ES256"}`, seen)
      return seen
    }),
  },
  {
    id: "token-claims",
    title:
      "It has the claims sub, aud and exp alone; sub is the server's id, aud a list with one id.",
    source: "RFC 7519, sections 4.1.2 to 4.1.4",
    roles: onPath,
    run: within(async (scene, { id, role, as }) => {
      const { claims } = there(readToken(ownSegment(await scene.granted()).token), "no token")
      const names = Object.keys(claims).toSorted().join()
      must(names === "aud,exp,sub", `claims ${names}`)
      must(claims["sub"] === id, `sub ${String(claims["sub"])}`)
      const audience = claims["aud"]
      // Whoever passes a request on says for whom: here the next hop, which is the caller again.
      must(Array.isArray(audience) && audience.length === 1, `aud ${JSON.stringify(audience)}`)
      must(audience[0] === as.id, `aud ${String(audience[0])}`)
      return role === "nse" ? "for the caller" : "for the next hop"
    }),
  },
  {
    id: "token-signature",
    title: "It is signed with the key of the certificate that the server shows.",
    source: "RFC 7518, section 3.4",
    roles: onPath,
    run: within(async (scene, { certificate }) => {
      const token = there(readToken(ownSegment(await scene.granted()).token), "no token")
      must(isSignedBy(token, certificate), "signed with another key, or in another form")
      return "64 bytes, r and s"
    }),
  },
  {
    id: "token-end",
    title:
      "It ends in whole seconds, in the future, and with the server's certificate at the latest.",
    source: "RFC 7519, sections 2 and 4.1.4; SPIFFE X509-SVID, section 4.4",
    roles: onPath,
    run: within(async (scene, { certificate }) => {
      const { claims } = there(readToken(ownSegment(await scene.granted()).token), "no token")
      const { exp } = claims
      must(typeof exp === "number" && Number.isInteger(exp), `exp ${JSON.stringify(exp)}`)
      const last = certificate.validToDate.getTime() / 1000
      must(exp > Date.now() / 1000 && exp <= last, `${exp - Date.now() / 1000} s from now`)
      return `${Math.round((exp - Date.now() / 1000) / 60)} min from now`
    }),
  },
  {
    id: "token-expires",
    title: "Every segment of the answer says when its token ends, no later than the token does.",
    source: "connection.proto: PathSegment.expires",
    roles: onPath,
    run: within(async (scene) => {
      const { path } = await scene.granted()
      for (const { name, token, expires } of path?.pathSegments ?? []) {
        must(expires !== undefined, `${name} does not`)
        const end = Number(readToken(token)?.claims["exp"]) * 1000
        // Some report it to the nanosecond, while the claim is in whole seconds.
        must(timestampMs(expires) < end + 1000, `${name} ends before it says`)
      }
      return `${path?.pathSegments.length} segments do`
    }),
  },
  refusal("none", "without a token", { [Header.clientToken]: undefined }),
  refusal("no-end", "whose token comes without its end", {
    [Header.clientTokenExpires]: undefined,
  }),
  refusal("two", "with two tokens", ({ probe }) => ({
    [Header.clientToken]: [probe.token(), probe.token()],
  })),
  refusal("no-token", "whose token is no JSON Web Token", { [Header.clientToken]: "token" }),
  refusal("truncated", "whose token is cut off", ({ probe }) => ({
    [Header.clientToken]: probe.token().slice(0, -20),
  })),
  refusal("absurd-size", "whose token has 40,000 characters", ({ probe }) => ({
    [Header.clientToken]: `${probe.token()}${"A".repeat(40_000)}`,
  })),
  wrong("ended", "whose token has ended", () => ({
    claims: { exp: Math.floor(Date.now() / 1000) - 60 },
  })),
  wrong("other-key", "whose token is signed with another key", () => ({
    key: newKey().privateKey,
  })),
  wrong("text-audience", "whose token has a text as its audience", ({ id }) => ({
    claims: { aud: id },
  })),
  wrong("other-audience", "whose token is for somebody else", ({ as }) => ({
    claims: { aud: [`${as.id}/elsewhere`] },
  })),
  {
    id: "token-replayed",
    title: "A request with somebody else's token is refused for who asks.",
    source: "RFC 7519, section 4.1.2; the policy server/prev_token_signed",
    roles: onPath,
    run: within(async (scene, { other, id }) => {
      return await refusedFor(scene, writeToken(other, id))
    }),
  },
  {
    id: "token-refused-leaves-nothing",
    title: "A request that is refused for its token does not reach the next hop.",
    source: "the policies common/ and server/",
    roles: ["nsmgr", "forwarder"],
    run: within(async (scene, { as, id }) => {
      const token = writeToken(as, id, { key: newKey().privateKey })
      const { status } = await scene.request({ headers: { [Header.clientToken]: token } })
      const came = await scene.next.requests.next(300)
      must(came === undefined, `${status}, and it does`)
      return "it does not"
    }),
  },
]

function refusal(
  id: string,
  words: string,
  headers: CallHeaders | ((subject: Subject) => CallHeaders),
): Check {
  return {
    id: `token-${id}`,
    title: `A request ${words} is refused.`,
    source: "RFC 7519; the policies common/ and server/",
    roles: onPath,
    run: within(async (scene, subject) => {
      const sent = typeof headers === "function" ? headers(subject) : headers
      const { code, status } = await scene.request({ headers: sent })
      must(code !== 0, "granted")
      return status
    }),
  }
}

function wrong(
  id: string,
  words: string,
  deviations: (subject: Subject) => TokenDeviations,
): Check {
  return {
    id: `token-${id}`,
    title: `A request ${words} is refused for who asks.`,
    source: "RFC 7519, section 4.1; google.rpc.Code; the policies common/ and server/",
    roles: onPath,
    run: within(async (scene, subject) => {
      const token = writeToken(subject.as, subject.id, deviations(subject))
      return await refusedFor(scene, token)
    }),
  }
}

async function refusedFor(scene: Scene, token: string): Promise<string> {
  const { status } = await scene.request({ headers: { [Header.clientToken]: token } })
  must(status === "PERMISSION_DENIED" || status === "UNAUTHENTICATED", status)
  return status
}
