import { aligned, attributesAt, attributesOf, type PlacedAttribute } from "./attribute.ts"
import { layout } from "../ffi/layout.ts"
import { type Message, nlmsghdr } from "./message.ts"
import { readText, readU32 } from "./value.ts"

/** How the kernel ended a request: done, or refused with a number and perhaps its own words. */
export interface Acknowledgement {
  /** 0 for success. */
  readonly errno: number
  readonly text?: string
  /** Where in the request, from its first byte, the attribute is that was refused. */
  readonly offset?: number
  /** Type of an attribute that was needed and not there. */
  readonly missing?: number
}

/** Types of messages that are about messages. */
export const NLMSG = { NOOP: 1, ERROR: 2, DONE: 3, OVERRUN: 4 } as const

/** Flags of messages. Numbers repeat: 0x100 to 0x800 mean different things by type of request. */
export const NLM_F = {
  REQUEST: 0x1,
  MULTI: 0x2,
  ACK: 0x4,
  DUMP_INTR: 0x10,
  DUMP: 0x300,
  REPLACE: 0x100,
  EXCL: 0x200,
  CREATE: 0x400,
  /** On an answer: the request is not repeated in it. */
  CAPPED: 0x100,
  /** On an answer: it ends with attributes. */
  ACK_TLVS: 0x200,
} as const

const NLMSGERR_ATTR = { MSG: 1, OFFS: 2, MISS_TYPE: 5 } as const

const errorHeader = layout("nlmsgerr", { error: "i32" })

/** Reads an ERROR or, at the end of a dump, a DONE message. */
export function decodeAcknowledgement({ type, flags, payload }: Message): Acknowledgement {
  // A DONE without a number is of an old kernel.
  if (type === NLMSG.DONE && payload.length < errorHeader.size) return { errno: 0 }
  const errno = -errorHeader.decode(payload).error
  if (!(flags & NLM_F.ACK_TLVS)) return { errno }
  const tlvs = attributesOf(payload.subarray(tlvOffset(type, flags, payload)))
  const message = tlvs.get(NLMSGERR_ATTR.MSG)
  const offset = tlvs.get(NLMSGERR_ATTR.OFFS)
  const missing = tlvs.get(NLMSGERR_ATTR.MISS_TYPE)
  return {
    errno,
    ...(message && { text: readText(message) }),
    ...(offset && { offset: readU32(offset) }),
    ...(missing && { missing: readU32(missing) }),
  }
}

function tlvOffset(type: number, flags: number, payload: Uint8Array): number {
  if (type === NLMSG.DONE) return errorHeader.size
  const { length } = nlmsghdr.decode(payload.subarray(errorHeader.size))
  return errorHeader.size + (flags & NLM_F.CAPPED ? nlmsghdr.size : aligned(length))
}

/** The types of the attributes, outermost first, that lead to a place in a request's payload. */
export function attributePath(attributes: Uint8Array, offset: number): number[] {
  const around = holding(attributes, offset)
  if (!around) return []
  const inner = around.isNested ? attributePath(around.value, offset - around.offset - 4) : []
  return [around.type, ...inner]
}

function holding(attributes: Uint8Array, offset: number): PlacedAttribute | undefined {
  for (const attribute of attributesAt(attributes)) {
    if (offset >= attribute.offset && offset < attribute.offset + 4 + attribute.value.length) {
      return attribute
    }
  }
  return undefined
}
