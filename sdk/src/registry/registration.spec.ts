import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { NetworkServiceEndpointSchema, NetworkServiceSchema } from "@nsm/api"
import { silentLog } from "../core/log.ts"
import { FakeClock } from "../testing/fake-clock.ts"
import { memoryRegistries } from "./chains/memory.ts"
import { registered, type RegistrationOptions } from "./registration.ts"
import type { Registries } from "./service.ts"

describe("registered", () => {
  let ending: AbortController
  let options: Omit<RegistrationOptions, "registries">

  beforeEach(() => {
    ending = new AbortController()
    const endpoint = create(NetworkServiceEndpointSchema, {
      name: "nse-1",
      url: "tcp://192.0.2.1:5001",
      networkServiceNames: ["icmp"],
    })
    const services = [create(NetworkServiceSchema, { name: "icmp", payload: "ETHERNET" })]
    const clock = new FakeClock()
    options = { endpoint, services, clock, log: silentLog, signal: ending.signal }
  })
  afterEach(() => ending.abort())

  const memory = () => memoryRegistries({ clock: options.clock, signal: ending.signal })

  it("puts services and endpoint in, and takes the endpoint out when it is disposed", async () => {
    const registries = memory()
    const registration = await registered({ ...options, registries })
    assert.deepEqual(registries.entryCounts(), { services: 1, endpoints: 1 })
    await registration[Symbol.asyncDispose]()
    assert.deepEqual(registries.entryCounts(), { services: 1, endpoints: 0 })
  })

  it("leaves the endpoint in when told so", async () => {
    const registries = memory()
    const registration = await registered({ ...options, registries, unregisters: false })
    await registration[Symbol.asyncDispose]()
    assert.deepEqual(registries.entryCounts(), { services: 1, endpoints: 1 })
  })

  it("ends although the registry has gone", async () => {
    const registries = memory()
    const gone: Registries = {
      services: registries.services,
      endpoints: {
        ...registries.endpoints,
        unregister: () => Promise.reject(new Error("connection refused")),
      },
    }
    const registration = await registered({ ...options, registries: gone })
    await registration[Symbol.asyncDispose]()
  })

  it("gives up with its signal", async () => {
    const { services, endpoints } = memory()
    const never: Registries = {
      services,
      endpoints: {
        ...endpoints,
        register: (_entry, call) =>
          new Promise((_, reject) => {
            call.signal.addEventListener("abort", () => reject(call.signal.reason as Error))
          }),
      },
    }
    const waiting = registered({ ...options, services: [], registries: never })
    ending.abort(new Error("enough"))
    await assert.rejects(waiting, /enough/)
  })
})
