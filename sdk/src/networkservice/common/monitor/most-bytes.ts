/** A number is at most ten bytes long, and what stands before a value is no longer. */
const mostOfNumber = 10
/** A character of UTF-16 takes at most three bytes in UTF-8. */
const mostOfCharacter = 3

/**
 * How long a message can be at most on the wire, in bytes. It is not encoded for that, as it would be
 * once more to be sent; of long texts it can be three times too much.
 */
export function mostBytesOf(value: unknown): number {
  if (typeof value === "string") return mostOfNumber + mostOfCharacter * value.length
  if (ArrayBuffer.isView(value)) return mostOfNumber + value.byteLength
  if (typeof value !== "object" || value === null) return mostOfNumber
  let bytes = mostOfNumber
  for (const [key, item] of Object.entries(value)) bytes += mostBytesOf(key) + mostBytesOf(item)
  return bytes
}
