/** A text whose addresses have lost what stands before their @: names, passwords, tokens. */
export function withoutSecrets(text: string): string {
  return text.replaceAll(/:\/\/[^/@\s]+@/g, "://")
}
