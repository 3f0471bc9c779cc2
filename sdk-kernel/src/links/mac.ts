import { NsmError } from "@nsm/sdk"

/** Reads a hardware address, `02:42:ac:11:00:02`. */
export function parseMac(text: string): Uint8Array {
  if (/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text)) {
    return Uint8Array.from(text.split(":"), (byte) => Number.parseInt(byte, 16))
  }
  throw new NsmError("INVALID_REQUEST", `hardware address "${text}": expected 02:42:ac:11:00:02`)
}

/** The usual text of a hardware address. */
export function macText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(":")
}
