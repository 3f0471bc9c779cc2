import { setFlagsFromString } from "node:v8"

/** What a program needs of its memory. */
export interface HeapNeeds {
  /**
   * Whether memory is taken to be cheaper than time, as V8 has it: for a program that all wait for
   * when many ask at once. It then collects a sixth as often, for some 45 MiB and more.
   * @default false
   */
  readonly isHurried?: boolean
}

/**
 * Keeps a daemon's memory near what it holds. As it is, V8 lets garbage grow to several times of that,
 * because it takes memory to be cheaper than time. For a manager with 1000 connections this is two
 * thirds of the memory, at no cost that could be measured (`npm run bench -- memory request-chain`).
 */
export function leanHeap({ isHurried = false }: HeapNeeds = {}): void {
  if (isHurried) return
  // The young generation stays as it is after loading: what is in flight is small.
  setFlagsFromString("--semi-space-growth-factor=1")
  // It is soon gone through: helpers would be waited for, on a busy machine for a processor.
  setFlagsFromString("--no-parallel-scavenge")
  // The old one is collected when it has grown by a third since the last time, not to the double.
  setFlagsFromString("--heap-growing-percent=30")
}
