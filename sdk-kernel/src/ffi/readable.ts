import koffi from "koffi"

/** Calls back in the event loop whenever a descriptor has something to read, until disposed of. */
export function whenReadable(fd: number, run: () => void): Disposable {
  // Kept by what is returned: a handle that nobody holds is collected, and then calls no more.
  const handle = koffi.node.poll(fd, run)
  return { [Symbol.dispose]: () => handle.close() }
}

/** Waits until a descriptor has something to read, or until the signal fires. */
export async function readable(fd: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  const { promise, resolve } = Promise.withResolvers<void>()
  using _handle = whenReadable(fd, resolve)
  const stop = (): void => resolve()
  signal.addEventListener("abort", stop, { once: true })
  try {
    await promise
  } finally {
    signal.removeEventListener("abort", stop)
  }
}
