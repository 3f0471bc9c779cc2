import { NsmError } from "@nsm/sdk"

/** Says how to take back what has just been done. */
export type Undo = (what: string, takeBack: () => void | Promise<void>) => void

/**
 * Runs several changes that stand or fall together: when one fails, those before it are taken back
 * in reverse order. What cannot be taken back is told along with the failure.
 *
 * @example
 * await transaction(async (undo) => {
 *   links.createBridge({ name: "br0" })
 *   undo("delete br0", () => links.delete("br0"))
 *   links.change("eth0", { bridge: links.get("br0").index })
 * })
 */
export async function transaction<T>(run: (undo: Undo) => T | Promise<T>): Promise<T> {
  const done: { readonly what: string; readonly takeBack: () => void | Promise<void> }[] = []
  try {
    return await run((what, takeBack) => void done.push({ what, takeBack }))
  } catch (thrown) {
    const failure = NsmError.from(thrown)
    const left: NsmError[] = []
    for (const { what, takeBack } of done.toReversed()) {
      try {
        await takeBack()
      } catch (reason) {
        const { reason: name, text } = NsmError.from(reason)
        left.push(new NsmError(name, `${what}: ${text}`, { cause: reason }))
      }
    }
    if (left.length === 0) throw failure
    throw new NsmError(failure.reason, `${failure.text}; taking back what was done failed too`, {
      // The failure is last: the last cause is the one that errors are traced to.
      cause: new AggregateError([...left, failure]),
    })
  }
}
