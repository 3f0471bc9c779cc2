import assert from "node:assert/strict"
import { errnoOf } from "../ffi/errno.ts"
import { addAddress } from "../links/address.ts"
import { changeLink } from "../links/link-requests.ts"
import { createVeth } from "../links/veth.ts"
import { decodeAcknowledgement, NLM_F, NLMSG } from "./acknowledgement.ts"
import { encodeAttributes } from "./attribute.ts"
import { layout } from "../ffi/layout.ts"
import { concatenated, nlmsghdr } from "./message.ts"
import { refusal } from "./refusal.ts"
import { text, u32 } from "./value.ts"

const link = { index: 7, name: "nsm-1" }

describe("refusal", () => {
  it("is none for what was done", () => {
    assert.equal(refusal(changeLink(link, {}), { errno: 0 }, "here"), undefined)
  })

  it("says what and where, in the kernel's words", () => {
    const error = refusal(
      changeLink(link, { mtu: 9 }),
      { errno: errnoOf("EINVAL"), text: "mtu less than device minimum" },
      "file:///run/netns/blue",
    )
    assert.equal(
      error?.message,
      'KERNEL_REFUSED: change interface "nsm-1" in file:///run/netns/blue: ' +
        "EINVAL (Invalid argument), mtu less than device minimum",
    )
  })

  it("names the attribute that was refused", () => {
    const request = changeLink(link, { mtu: 9, alias: "x" })
    // header 16, ifinfomsg 16, MTU 8
    const error = refusal(request, { errno: errnoOf("ERANGE"), offset: 40 }, "here")
    assert.match(error?.message ?? "", /, attribute IFLA_IFALIAS$/)
  })

  it("names the attribute that was missing", () => {
    const request = addAddress(link, "192.0.2.1")
    const error = refusal(request, { errno: errnoOf("EINVAL"), missing: 2 }, "here")
    assert.match(error?.message ?? "", /, missing attribute IFA_LOCAL$/)
  })

  for (const [errno, reason] of [
    ["EPERM", "PRIVILEGE_MISSING"],
    ["ENODEV", "LINK_NOT_FOUND"],
    ["EEXIST", "INTERFACE_NAME_TAKEN"],
    ["EOPNOTSUPP", "KERNEL_FEATURE_MISSING"],
    ["EBUSY", "KERNEL_REFUSED"],
  ] as const) {
    it(`gives ${errno} on creation the reason ${reason}`, () => {
      const request = createVeth({ name: "one" }, { name: "two" })
      assert.equal(refusal(request, { errno: errnoOf(errno) }, "here")?.reason, reason)
    })
  }

  it("reads the kernel's words behind a request that is repeated, and behind one that is not", () => {
    const error = layout("error", { error: "i32" }).encode({ error: -22 })
    const repeated = nlmsghdr.encode({ length: nlmsghdr.size + 3 })
    const words = encodeAttributes([text(1, "no such thing"), u32(2, 36), u32(5, 3)])
    const answer = { type: NLMSG.ERROR, sequence: 1, port: 0 }
    const expected = { errno: 22, text: "no such thing", offset: 36, missing: 3 }
    assert.deepEqual(
      decodeAcknowledgement({
        ...answer,
        flags: NLM_F.ACK_TLVS | NLM_F.CAPPED,
        payload: concatenated([error, repeated, words]),
      }),
      expected,
    )
    assert.deepEqual(
      decodeAcknowledgement({
        ...answer,
        flags: NLM_F.ACK_TLVS,
        payload: concatenated([error, repeated, new Uint8Array(4), words]),
      }),
      expected,
    )
  })
})
