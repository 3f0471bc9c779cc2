/** What a process, or its thread, holds after all garbage has been collected. */
export interface Holdings {
  readonly heapBytes: number
  /** Of the whole process. */
  readonly residentBytes: number
  /** What keeps it alive, counted by kind: `Timeout`, `PipeWrap`, `TCPSocketWrap`. */
  readonly resources: Readonly<Record<string, number>>
}

/** Where the thread of a process is asked, by where the process is. */
export function threadProbe(probe: string): string {
  return `${probe}.thread`
}

/** What a process and its thread hold together. */
export function together(own: Holdings, thread: Holdings): Holdings {
  const resources = { ...own.resources }
  for (const [kind, count] of Object.entries(thread.resources)) {
    resources[kind] = (resources[kind] ?? 0) + count
  }
  return { ...own, heapBytes: own.heapBytes + thread.heapBytes, resources }
}
