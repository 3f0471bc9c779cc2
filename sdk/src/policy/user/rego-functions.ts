import { X509Certificate } from "node:crypto"
import { verifiedTokens } from "../../identity/verified-tokens.ts"
import { readJwt } from "../jwt.ts"
import type { Question } from "../policy.ts"
import { certificatesIn, isChain, x509Document } from "./x509-document.ts"

/** A function that Rego calls; undefined is what Rego calls undefined. */
type RegoFunction = (...args: readonly unknown[]) => unknown

/** Functions of Rego that compiled policies leave to whoever runs them, by name. */
export function regoFunctions(asked: () => Question): Readonly<Record<string, RegoFunction>> {
  const verifier = verifiedTokens({ capacity: 256 })
  const isSigned = (token: string, certificate: string): boolean => {
    const { input, isSignedByPeer } = asked()
    // The one that nearly every policy asks about; what was found is remembered for all.
    if (certificate === input.auth_info.certificate) return isSignedByPeer(token)
    verifier.verify(token, new X509Certificate(certificate))
    return true
  }
  return {
    "time.now_ns": () => asked().now * 1e6,
    "io.jwt.decode": total((token) => {
      const jwt = readJwt(token)
      return jwt && [jwt.header, jwt.payload, jwt.signature.toString("hex")]
    }),
    "io.jwt.verify_es256": total((token, certificate) => isSigned(token, certificate), false),
    "crypto.x509.parse_certificates": total((text) => certificatesIn(text).map(x509Document)),
    "crypto.x509.parse_and_verify_certificates": total(
      (text) => {
        const chain = certificatesIn(text)
        const isTrusted = isChain(chain, asked().now)
        return [isTrusted, isTrusted ? chain.toReversed().map(x509Document) : []]
      },
      [false, []],
    ),
  }
}

/** A function of texts which answers `otherwise` to what it cannot make sense of. */
function total(
  run: (...args: readonly [string, string]) => unknown,
  otherwise?: unknown,
): RegoFunction {
  return (...args) => {
    const [first, second = ""] = args
    if (typeof first !== "string" || typeof second !== "string") return undefined
    try {
      return run(first, second)
    } catch {
      return otherwise
    }
  }
}
