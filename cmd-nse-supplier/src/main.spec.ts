import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { NetworkServiceRequestSchema, NetworkServiceSchema } from "@nsm/api"
import {
  type Call,
  networkServiceWire,
  NsmError,
  rootCause,
  silentLog,
  systemClock,
  type Transport,
  withCall,
} from "@nsm/sdk"
import { descriptorSockets, receiveEndpointFiles } from "@nsm/sdk-kernel/descriptors"
import { type DaemonProcess, DaemonSurroundings, type NullNode } from "@nsm/sdk/testing"

const main = new URL("main.ts", import.meta.url)

describe("nse-supplier", () => {
  let surroundings: DaemonSurroundings
  let managerUrl: string
  let transport: Transport

  beforeEach(async () => {
    surroundings = await DaemonSurroundings.open({
      main,
      env: {
        ...{ NSM_NAME: "supplier", NODE_NAME: "node-1" },
        ...{ NSM_SERVICE_NAMES: "web", NSM_LABELS: "app:supplier" },
      },
      unixSockets: descriptorSockets(),
      endpointElements: [receiveEndpointFiles()],
    })
    ;({ managerUrl, transport } = surroundings)
  })
  afterEach(() => surroundings[Symbol.asyncDispose]())

  const node = (): Promise<NullNode> => surroundings.node()
  const started = (env: Record<string, string> = {}): DaemonProcess => surroundings.start(env)
  const refusal = async (): Promise<NsmError> => {
    const request = create(NetworkServiceRequestSchema, {
      connection: {
        ...{ id: "c-1", networkService: "web" },
        path: { pathSegments: [{ name: "nsc", id: "c-1" }] },
      },
      mechanismPreferences: [{ cls: "LOCAL", type: "KERNEL" }],
    })
    const service = transport.client(managerUrl, networkServiceWire)
    try {
      await calling((call) => service.request(request, call))
    } catch (failure) {
      return rootCause(NsmError.from(failure))
    }
    return assert.fail("it was granted")
  }
  const registered = async (): Promise<void> => {
    const { registries } = await node()
    const web = create(NetworkServiceSchema, { name: "web", payload: "ETHERNET" })
    await calling((call) => registries.services.register(web, call))
  }

  it("says why nothing could be started, by the name of who was to", async () => {
    await registered()
    const daemon = started({ NSM_SUPPLY_COMMAND: "exit 7" })
    await daemon.line("ready")
    const { reason, hop, text } = await refusal()
    assert.deepEqual([reason, hop], ["ENDPOINT_START_FAILED", "supplier"])
    assert.match(text, /ended with 7/)
    assert.equal((await daemon.line("endpoint not started"))["service"], "web")
  })

  it("ends what does not register in time, and what it has started when it ends", async () => {
    await registered()
    const daemon = started({ NSM_SUPPLY_COMMAND: "exec sleep 600", NSM_SUPPLY_TIMEOUT: "200ms" })
    await daemon.line("ready")
    assert.match((await refusal()).text, /^endpoint supplier-[0-9a-f]{8} did not register within/)
    daemon.kill("SIGTERM")
    assert.equal(await daemon.exitCode(), 0)
  })

  const wrong = [
    ["NSM_SUPPLY_COMMAND", ""],
    ["NSM_SUPPLY_TIMEOUT", "soon"],
  ] as const
  for (const [variable, value] of wrong) {
    it(`ends with 2 and names ${variable}=${value}`, async () => {
      const daemon = started({ [variable]: value })
      assert.equal(await daemon.exitCode(), 2)
      assert.ok(daemon.errors.includes(`${variable}="${value}": expected `), daemon.errors)
    })
  }
})

function calling<T>(run: (call: Call) => Promise<T>): Promise<T> {
  return withCall({ clock: systemClock, log: silentLog, timeoutMs: 8000 }, run)
}
