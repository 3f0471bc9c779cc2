/** Writes text for the header `grpc-message`, which takes printable ASCII without a blank at its ends. */
export function percentEncode(text: string): string {
  return text.toWellFormed().replaceAll(/[^\x20-\x24\x26-\x7e]+|^ +| +$/g, encodeURIComponent)
}

/** Reads it; what is not encoded as it should be stays as it is. */
export function percentDecode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
