import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { type Mechanism, MechanismSchema } from "@nsm/api"
import { bind, chain } from "../../core/chain.ts"
import { type Random, seededRandom } from "../../core/random.ts"
import { testCall } from "../../testing/call.ts"
import { elementContract } from "../../testing/contract.ts"
import { requestOf } from "../../testing/messages.ts"
import { record } from "../../testing/probes.ts"
import { connectionState } from "../common/connection-state.ts"
import { grant } from "../tail.ts"
import { kernelEndpoint, kernelPreference, type KernelPreferenceOptions } from "./kernel.ts"

const namespaceUrl = "file:///proc/thread-self/ns/net"
const fixed = { integer: () => 0, uuid: () => "u" }
const kernel = (parameters: Record<string, string> = {}): Mechanism =>
  create(MechanismSchema, { cls: "LOCAL", type: "KERNEL", parameters })

async function offered(
  options: KernelPreferenceOptions,
  mechanismPreferences: Mechanism[] = [],
  mechanism?: Mechanism,
): Promise<Mechanism[] | undefined> {
  const seen = record()
  const service = bind(chain("test", kernelPreference(options), seen), grant)
  await service.request({ ...requestOf({ mechanism }), mechanismPreferences }, testCall())
  return seen.requests[0]?.message.mechanismPreferences
}

describe("kernelPreference", () => {
  elementContract(() => kernelPreference({ namespaceUrl, random: fixed }))

  it("offers a kernel interface without parameters, as forwarders do", async () => {
    assert.deepEqual(await offered({}), [kernel()])
  })

  it("offers it behind what is offered already", async () => {
    const memif = create(MechanismSchema, { cls: "LOCAL", type: "MEMIF" })
    assert.deepEqual(await offered({}, [memif]), [memif, kernel()])
  })

  it("completes what is offered with the namespace and keeps the name", async () => {
    const [mechanism] =
      (await offered({ namespaceUrl, random: fixed }, [kernel({ name: "nsm-1" })])) ?? []
    assert.deepEqual(mechanism, kernel({ name: "nsm-1", inodeURL: namespaceUrl }))
  })

  it("names the interface as configured, or after the service", async () => {
    const given = await offered({ namespaceUrl, interfaceName: "eth9", random: fixed })
    assert.equal(given?.[0]?.parameters["name"], "eth9")
    const generated = await offered({ namespaceUrl, random: fixed })
    assert.equal(generated?.[0]?.parameters["name"], "service-1-00000")
  })

  it("adds nothing where a mechanism is chosen", async () => {
    assert.deepEqual(await offered({ namespaceUrl, random: fixed }, [], kernel({ name: "a" })), [])
  })

  it("rejects a name that Linux does not take", async () => {
    const expected = { reason: "INTERFACE_NAME_INVALID" }
    await assert.rejects(offered({}, [kernel({ name: "x".repeat(16) })]), expected)
    assert.throws(() => kernelPreference({ interfaceName: "a/b" }), expected)
  })
})

describe("kernelEndpoint", () => {
  const asked = (mechanism?: Mechanism, id = "client-1") =>
    requestOf({ id, networkService: "icmp-responder", mechanism })
  const answering = (random: Random) =>
    bind(chain("test", connectionState(), kernelEndpoint({ namespaceUrl, random })), grant)

  elementContract(() => kernelEndpoint({ namespaceUrl, random: fixed }), {
    request: () => asked(kernel()),
  })

  it("says its own namespace, whatever the caller said, and a name where there is none", async () => {
    const service = answering(fixed)
    const granted = await service.request(asked(kernel({ inodeURL: "inode://1/2" })), testCall())
    assert.deepEqual(granted.mechanism, kernel({ name: "icmp-respo-0000", inodeURL: namespaceUrl }))
  })

  it("keeps the name when the connection is asked for again", async () => {
    const service = answering(seededRandom(1))
    const granted = await service.request(asked(kernel()), testCall())
    const again = await service.request({ ...asked(), connection: granted }, testCall())
    const without = await service.request(asked(kernel()), testCall())
    assert.deepEqual([again.mechanism, without.mechanism], [granted.mechanism, granted.mechanism])
  })

  it("gives two wires different names, and a name again once its wire is closed", async () => {
    const numbers = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]
    const random = { ...fixed, integer: () => numbers.shift() ?? 0 }
    const service = answering(random)
    const named = (id: string) => service.request(asked(kernel(), id), testCall())
    const first = await named("a")
    const second = await named("b")
    assert.equal(first.mechanism?.parameters["name"], "icmp-respo-0000")
    assert.equal(second.mechanism?.parameters["name"], "icmp-respo-0001")
    await service.close(first, testCall())
    const third = await named("c")
    assert.equal(third.mechanism?.parameters["name"], "icmp-respo-0000")
  })

  it("rejects a name that Linux does not take", async () => {
    const service = answering(fixed)
    await assert.rejects(service.request(asked(kernel({ name: "a b" })), testCall()), {
      reason: "INTERFACE_NAME_INVALID",
      element: "kernel-endpoint",
    })
  })
})
