/** What a token says, as far as it is what it should be. */
export interface Claims {
  /** Whose it is. */
  readonly subject: string | undefined
  /** Whom it is for; empty when the claim is no list. */
  readonly audience: readonly unknown[]
  /** When it ends, in seconds since 1970-01-01T00:00:00Z. */
  readonly expires: number | undefined
}

/** The three parts of a token. */
export interface Jwt {
  readonly header: Record<string, unknown>
  readonly payload: Record<string, unknown>
  readonly signature: Buffer
}

/** No token of this protocol comes near; nothing longer is looked at. */
export const longestToken = 16_384

/**
 * Takes a token apart as Rego's `io.jwt.decode` does, without regard to its signature; undefined
 * when it is no JWT, is encrypted, or is longer than any token should be.
 */
export function readJwt(token: string): Jwt | undefined {
  if (token.length > longestToken) return undefined
  const [head, body, tail, ...more] = token.split(".")
  if (head === undefined || body === undefined || tail === undefined || more.length > 0) {
    return undefined
  }
  const header = object(head)
  const payload = object(body)
  const signature = bytes(tail)
  if (!header || !payload || !signature || "enc" in header) return undefined
  return { header, payload, signature }
}

/** The claims that matter here. */
export function claimsOf({ payload: { sub, aud, exp } }: Jwt): Claims {
  return {
    subject: typeof sub === "string" ? sub : undefined,
    audience: Array.isArray(aud) ? (aud as unknown[]) : [],
    expires: typeof exp === "number" ? exp : undefined,
  }
}

/** Reads claims, each token's once: several policies look at the same path. */
export function claimsReader(): (token: string) => Claims | undefined {
  const known = new Map<string, Claims | undefined>()
  return (token) => {
    if (!known.has(token)) {
      const jwt = readJwt(token)
      known.set(token, jwt && claimsOf(jwt))
    }
    return known.get(token)
  }
}

function object(part: string): Record<string, unknown> | undefined {
  const decoded = bytes(part)
  if (!decoded) return undefined
  try {
    const value: unknown = JSON.parse(decoded.toString("utf8"))
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** Node reads over what is not base64; a token with such characters is none. */
function bytes(part: string): Buffer | undefined {
  const isBase64 = /^[\w-]*$/.test(part) && part.length % 4 !== 1
  return isBase64 ? Buffer.from(part, "base64url") : undefined
}
