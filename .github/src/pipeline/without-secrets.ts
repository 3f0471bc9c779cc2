/** A text that has lost what would let others in. */
export function withoutSecrets(text: string): string {
  return secrets.reduce((all, [form, shown]) => all.replaceAll(form, shown), text)
}

const secrets: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [^-]+-----[^]*?(-----END [^-]+-----|$)/g, "[hidden]"],
  [/\beyJ[\w-]{8,}\.[\w-]+(\.[\w-]*)?/g, "[hidden]"],
  [/\b((gh[a-z]_|npm_)[A-Za-z0-9]{16,}|(github_pat_|glpat-|xox[a-z]-)[\w-]{16,})/g, "[hidden]"],
  // What stands before the @ of an address: names, passwords, tokens.
  [/(:\/\/)[^\s/@]+@/g, "$1"],
  [/\b(bearer|basic)\s+(?=\S*[\d=+/])[\w+/=.~-]{8,}/gi, "$1 [hidden]"],
  [
    /((?:token|authorization|password|passwd|secret|api[-_]?key)["']?\s*[=:]\s*)(?!bearer|basic|\[hidden)("[^"\n]*"|'[^'\n]*'|[^\s"',;]{6,})/gi,
    "$1[hidden]",
  ],
]
