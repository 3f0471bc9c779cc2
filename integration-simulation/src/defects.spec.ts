import assert from "node:assert/strict"
import {
  connectionOf,
  element,
  ipContextOf,
  type NetworkService,
  NsmError,
  withIpContext,
} from "@nsm/sdk"
import { failureText } from "./cli/report.ts"
import { outcomeOf } from "./outcome.ts"
import { planOf, type Wanted } from "./plan.ts"
import type { Defects } from "./world/mesh.ts"

const calm: Wanted = { nodes: 2, services: 1, endpoints: 1, clients: 4, faults: 0 }

/** Lives through a world with a defect; answers what is printed about it. */
async function caught(defects: Defects, wanted: Wanted = calm, seed = 1): Promise<string> {
  const outcome = await outcomeOf(planOf(seed, wanted), { defects })
  assert.notDeepEqual(outcome.found, [], "the defect was not found")
  const text = failureText(outcome, wanted)
  assert.match(text, new RegExp(`npm run simulate -- --seed ${seed} --nodes`))
  assert.equal(text.split("npm run simulate").length, 2, "one command, not more")
  return text
}

describe("a planted defect", function () {
  this.timeout(120_000)

  it("that gives an address twice is caught", async () => {
    const always = element<NetworkService>("always-the-same", (next) => ({
      async request(request, call) {
        const granted = await next.request(request, call)
        return withIpContext(granted, { ...ipContextOf(granted), srcIpAddrs: ["10.0.0.7/32"] })
      },
    }))
    const text = await caught({ endpointElements: [always] })
    assert.match(text, /no address is given twice\n.*connection nsc-\d+-\d at nse-1, seed 1/)
  })

  it("that gives a client two addresses is caught", async () => {
    const generous = element<NetworkService>("generous", (next) => ({
      async request(request, call) {
        const granted = await next.request(request, call)
        const { srcIpAddrs } = ipContextOf(granted)
        return withIpContext(granted, { srcIpAddrs: [...srcIpAddrs, "10.9.9.9/32"] })
      },
    }))
    assert.match(await caught({ endpointElements: [generous] }), /two addresses: .*10\.9\.9\.9/)
  })

  it("that changes addresses with every refresh is caught", async () => {
    let count = 0
    const fickle = element<NetworkService>("fickle", (next) => ({
      async request(request, call) {
        const granted = await next.request(request, call)
        count += 1
        return withIpContext(granted, { srcIpAddrs: [`10.8.0.${count % 250}/32`] })
      },
    }))
    assert.match(await caught({ endpointElements: [fickle] }), /sticky\n.* and had /)
  })

  it("that never closes is caught", async () => {
    const clinging = element<NetworkService>("clinging", () => ({ close: async () => {} }))
    const text = await caught({ clientElements: [clinging] })
    assert.match(text, /after the last close nothing remains\n.*is still held/)
  })

  it("that does not end in time is caught", async () => {
    const known = new Set<string>()
    const patient = element<NetworkService>("patient", (next) => ({
      request(request, call) {
        const { id } = connectionOf(request)
        if (known.size === known.add(id).size) return new Promise(() => {})
        return next.request(request, call)
      },
    }))
    const text = await caught({ endpointElements: [patient] })
    assert.match(text, /every request ends within its deadline\n.*at nse-1.*a request goes on/)
  })

  it("that asks again and again is caught", async () => {
    const eager = element<NetworkService>("eager", (next) => ({
      async request(request, call) {
        let granted = await next.request(request, call)
        for (let more = 0; more < 4; more++) {
          granted = await next.request({ ...request, connection: granted }, call)
        }
        return granted
      },
    }))
    const text = await caught({ clientElements: [eager] })
    assert.match(text, /work is proportional.*\n.*requests in \d+ ms for \d connections/)
  })

  it("that never comes back is caught", async () => {
    const known = new Set<string>()
    const once = element<NetworkService>("once", (next) => ({
      async request(request, call) {
        const { id } = connectionOf(request)
        if (known.has(id)) throw new NsmError("PEER_UNREACHABLE", "once is enough")
        const granted = await next.request(request, call)
        known.add(id)
        return granted
      },
    }))
    // Long enough for the first tokens to end.
    const wanted = { ...calm, faults: 1, minutes: 4 }
    const text = await caught({ clientElements: [once] }, wanted, 4)
    assert.match(text, /every connection comes back\n.*no packets pass 30/)
  })

  it("that keeps time from going on is caught", async () => {
    const busy = element<NetworkService>("busy", (next) => ({
      async request(request, call) {
        const spin = (): void => void call.clock.schedule(0, spin)
        spin()
        return await next.request(request, call)
      },
    }))
    assert.match(await caught({ endpointElements: [busy] }), /busy without end\n.*at nse-1/)
  })
})
