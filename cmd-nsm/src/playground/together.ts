/** Does the same for all at the same time, and waits for all even when one fails. */
export async function together<T, R>(
  all: Iterable<T>,
  work: (one: T) => Promise<R>,
): Promise<readonly R[]> {
  const results = await Promise.allSettled([...all].map((one) => work(one)))
  return results.map((result) => {
    if (result.status === "rejected") throw result.reason
    return result.value
  })
}
