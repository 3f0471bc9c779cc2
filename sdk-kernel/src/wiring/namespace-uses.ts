import { type Inode, inodeUrl } from "../namespace/namespace-url.ts"

/** Counts the wires that end in each namespace. */
export class NamespaceUses {
  readonly #uses = new Map<string, number>()

  /** Notes one more. */
  add(namespace: Inode): void {
    const key = inodeUrl(namespace)
    this.#uses.set(key, (this.#uses.get(key) ?? 0) + 1)
  }

  /** Notes one less. */
  delete(namespace: Inode): void {
    const key = inodeUrl(namespace)
    const left = (this.#uses.get(key) ?? 0) - 1
    if (left > 0) this.#uses.set(key, left)
    else this.#uses.delete(key)
  }

  /** Whether a wire ends there. */
  has(namespace: Inode): boolean {
    return this.#uses.has(inodeUrl(namespace))
  }
}
