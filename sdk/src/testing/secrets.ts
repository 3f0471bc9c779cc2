/** What nobody but its owner may read, and how to recognise it wherever it is written. */
const kinds: readonly (readonly [what: string, pattern: RegExp])[] = [
  // Header and payload of a JSON Web Token; without its signature it is still nobody's business.
  ["a token", /eyJ[\w-]{10,}\.eyJ[\w-]{10,}/g],
  ["a private key", /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----/g],
  // How each key on P-256 begins, in PKCS #8 and in SEC 1, as base64 and as hexadecimal digits.
  ["the bytes of a private key", /MIGHAgEAMBMGByqGSM49AgEG|MHcCAQEEI[\w+/-]{20,}/g],
  ["the bytes of a private key", /308187020100301306072a8648ce3d0201|30770201010420[\da-f]{20,}/gi],
  // In a JSON Web Key, whether it stands for itself or within a text.
  ["a private key", /\\*"d\\*":\s*\\*"[\w-]{43}\\*"/g],
]

/** How much of the text before a secret is shown to tell where it is. */
const shown = 80

/** The tokens and private keys in a text: what each is and where, without the secret itself. */
export function secretsIn(text: string): readonly string[] {
  return kinds.flatMap(([what, pattern]) =>
    [...text.matchAll(pattern)].map(({ index }) => {
      const before = text.slice(0, index)
      const line = before.split("\n").length
      return `${what} in line ${line}, after: ${before.slice(-shown).split("\n").at(-1)}`
    }),
  )
}

/** Throws when somebody has written a token or a private key. */
export function assertNoSecrets(whose: string, text: string): void {
  const found = secretsIn(text)
  if (found.length > 0) throw new Error(`${whose} has written secrets:\n${found.join("\n")}`)
}
