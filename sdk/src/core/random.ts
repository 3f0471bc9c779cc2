import { randomFillSync } from "node:crypto"

/** The source of chance. Everything random takes one, so that a seed replays a run. */
export interface Random {
  /** A whole number from 0 up to, not including, `below` (at most 2^32). */
  integer(below: number): number
  /** A version 4 UUID in text form (RFC 9562, section 5.4). */
  uuid(): string
}

/** Chance from the operating system. */
export const systemRandom: Random = fromWords(systemWords(256))

/** Fetches many at a time: to ask the operating system takes longer than all that is done with one. */
function systemWords(atOnce: number): () => number {
  const words = new Uint32Array(atOnce)
  let used = atOnce
  return () => {
    if (used === atOnce) {
      randomFillSync(words)
      used = 0
    }
    return words[used++] ?? 0
  }
}

/** Chance that repeats itself for the same seed (splitmix32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return fromWords(() => {
    state = (state + 0x9e3779b9) >>> 0
    let word = state ^ (state >>> 16)
    word = Math.imul(word, 0x21f0aaad)
    word ^= word >>> 15
    word = Math.imul(word, 0x735a2d97)
    return (word ^ (word >>> 15)) >>> 0
  })
}

function fromWords(word: () => number): Random {
  return {
    integer: (below) => Math.floor((word() / 2 ** 32) * below),
    uuid() {
      const hex = [word(), word(), word(), word()]
        .map((w) => w.toString(16).padStart(8, "0"))
        .join("")
      const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16)
      return [
        hex.slice(0, 8),
        hex.slice(8, 12),
        `4${hex.slice(13, 16)}`,
        variant + hex.slice(17, 20),
        hex.slice(20, 32),
      ].join("-")
    },
  }
}
