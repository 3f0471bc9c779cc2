/** Names a typed value that travels with a call. */
export interface Key<T> {
  readonly symbol: symbol
  /** What a call that does not carry the value answers. */
  readonly fallback: T
}

/** Makes a key. The description is for debugging only; two keys are never the same. */
export function createKey<T>(description: string, fallback: T): Key<T> {
  return { symbol: Symbol(description), fallback }
}
