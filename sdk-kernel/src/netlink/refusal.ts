import { NsmError, type Reason } from "@nsm/sdk"
import { errnoName, errnoText } from "../ffi/errno.ts"
import { type Acknowledgement, attributePath } from "./acknowledgement.ts"
import { nlmsghdr } from "./message.ts"
import type { NetlinkRequest } from "./request.ts"
import { IFA, ifaddrmsg, IFLA, ifinfomsg, NDA, ndmsg, RTA, RTM, rtmsg } from "./rtnetlink.ts"

type Explanation = Reason | readonly [Reason, hint: string]

const usualReasons: Readonly<Record<string, Explanation>> = {
  EPERM: ["PRIVILEGE_MISSING", "needs CAP_NET_ADMIN there"],
  ENODEV: "LINK_NOT_FOUND",
}

/** The error for a request that the kernel refused; undefined when it did not, or harmlessly. */
export function refusal(
  request: NetlinkRequest,
  answer: Acknowledgement,
  where: string,
): NsmError | undefined {
  const name = errnoName(answer.errno)
  if (answer.errno === 0 || request.harmless?.includes(name)) return undefined
  const [reason, hint] = explained(
    request.reasons?.[name] ?? usualReasons[name] ?? "KERNEL_REFUSED",
  )
  const details = [
    errnoText(answer.errno),
    answer.text,
    attributeNamed("attribute", request, pathOf(request, answer)),
    attributeNamed("missing attribute", request, answer.missing ? [answer.missing] : []),
    hint,
  ]
  return new NsmError(
    reason,
    `${request.doing} in ${where}: ${details.filter((detail) => detail !== undefined).join(", ")}`,
  )
}

function explained(reason: Explanation): readonly [Reason, hint?: string] {
  return typeof reason === "string" ? [reason] : reason
}

// Message types come in groups of four that share header and attributes.
const families = [
  { first: RTM.NEWLINK, prefix: "IFLA_", names: IFLA, header: ifinfomsg },
  { first: RTM.NEWADDR, prefix: "IFA_", names: IFA, header: ifaddrmsg },
  { first: RTM.NEWROUTE, prefix: "RTA_", names: RTA, header: rtmsg },
  { first: RTM.NEWNEIGH, prefix: "NDA_", names: NDA, header: ndmsg },
]

function familyOf(type: number): (typeof families)[number] | undefined {
  return families.find(({ first }) => first === (type & ~3))
}

function pathOf({ type, payload }: NetlinkRequest, { offset }: Acknowledgement): number[] {
  const family = familyOf(type)
  if (offset === undefined || !family) return []
  const { size } = family.header
  return attributePath(payload.subarray(size), offset - nlmsghdr.size - size)
}

function attributeNamed(
  what: string,
  { type }: NetlinkRequest,
  path: readonly number[],
): string | undefined {
  const [outer, ...inner] = path
  if (outer === undefined) return undefined
  const { names = {}, prefix = "" } = familyOf(type) ?? {}
  const name = Object.entries(names).find(([, number]) => number === outer)?.[0]
  return `${what} ${[name === undefined ? outer : prefix + name, ...inner].join(".")}`
}
