import { setFlagsFromString } from "node:v8"

/** What a program needs of its memory. */
export interface HeapNeeds {
  /**
   * Whether the young generation grows with what is in flight, by some 45 MiB, for a program that all
   * wait for when many ask at once: it then collects a sixth as often. @default false
   */
  readonly youngHeapGrows?: boolean
}

/**
 * Keeps a daemon's memory near what it holds. As it is, V8 lets garbage grow to several times of that,
 * because it takes memory to be cheaper than time. For a manager with 1000 connections this is two
 * thirds of the memory, at no cost that could be measured (`npm run bench -- memory request-chain`).
 */
export function leanHeap({ youngHeapGrows = false }: HeapNeeds = {}): void {
  // The young generation stays as it is after loading: what is in flight is small.
  if (!youngHeapGrows) setFlagsFromString("--semi-space-growth-factor=1")
  // The old one is collected when it has grown by a third since the last time, not to the double.
  setFlagsFromString("--heap-growing-percent=30")
}
