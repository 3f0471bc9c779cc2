import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { setTimeout as wait } from "node:timers/promises"
import { NsmError, silentLog } from "@nsm/sdk"
import {
  createNamespace,
  createVethPair,
  echo,
  type Link,
  Links,
  type NetworkNamespace,
} from "@nsm/sdk-kernel"
import { Bridges } from "./bridges.ts"
import { jointOf } from "./joint.ts"

const joint = jointOf("a")
const [towardsClient, towardsEndpoint] = joint.ports
const [clientIp, endpointIp] = ["10.0.0.1", "10.0.0.2"]

describe("Bridges", () => {
  let all: AsyncDisposableStack
  let here: NetworkNamespace
  let client: NetworkNamespace
  let endpoint: NetworkNamespace

  before(function () {
    try {
      createNamespace()[Symbol.dispose]()
    } catch (failure) {
      this["skipReason"] = NsmError.from(failure).message
      this.skip()
    }
  })
  beforeEach(() => {
    all = new AsyncDisposableStack()
    here = all.use(createNamespace())
    client = all.use(createNamespace())
    endpoint = all.use(createNamespace())
  })
  afterEach(() => all.disposeAsync())

  /** Bridges as a process has them that starts now; `stop` is its end. */
  const started = (owner = "nse-1") => {
    const end = new AbortController()
    const bridges = new Bridges({ namespace: here, owner, log: silentLog, signal: end.signal })
    const following = bridges.follow()
    const stop = async (): Promise<void> => {
      end.abort()
      await following
    }
    all.defer(stop)
    return { bridges, stop }
  }
  /** What a forwarder makes. */
  const wire = (far: NetworkNamespace, port: string, ip: string): Promise<unknown> =>
    createVethPair(
      { namespace: far, name: "nsm-1", addresses: [`${ip}/24`] },
      { namespace: here, name: port, addresses: [] },
    )
  const bothWires = async (): Promise<void> => {
    await wire(client, towardsClient, clientIp)
    await wire(endpoint, towardsEndpoint, endpointIp)
  }
  const links = (): readonly string[] =>
    new Links(here).list().flatMap(({ name }) => (name === "lo" ? [] : [name]))
  const link = (name: string): Link | undefined => new Links(here).find(name)
  const isPort = (name: string): boolean =>
    link(name)?.bridge !== undefined && link(name)?.bridge === link(joint.bridge)?.index
  const passes = async (): Promise<boolean> => {
    const tried = { destination: endpointIp, timeoutMs: 200 }
    return (await echo({ namespace: client, ...tried })).received === 1
  }

  it("joins wires that are there", async () => {
    const { bridges } = started()
    await bothWires()
    assert.equal(await passes(), false)
    bridges.join(joint)
    await becomes(passes)
    assert.equal(bridges.size, 1)
  })

  it("joins wires as they come, and again when one was made anew", async () => {
    const { bridges } = started()
    bridges.join(joint)
    await bothWires()
    await becomes(passes)
    await new Links(here).delete(towardsClient)
    await wire(client, towardsClient, clientIp)
    await becomes(passes)
  })

  it("makes a bridge again that was deleted by hand", async () => {
    const { bridges } = started()
    await bothWires()
    bridges.join(joint)
    await new Links(here).delete(joint.bridge)
    await becomes(passes)
  })

  it("takes its bridge away and leaves the wires to those who made them", async () => {
    const { bridges } = started()
    await bothWires()
    bridges.join(joint)
    await bridges.part(joint.bridge)
    await bridges.part(joint.bridge)
    assert.deepEqual(links().toSorted(), joint.ports)
    assert.equal(bridges.size, 0)
  })

  it("has nothing of its own to say on the wires", async () => {
    const { bridges } = started()
    await bothWires()
    bridges.join(joint)
    await becomes(passes)
    const off = here.run(() =>
      [joint.bridge, ...joint.ports].map((name) =>
        readFileSync(`/proc/sys/net/ipv6/conf/${name}/disable_ipv6`, "utf8").trim(),
      ),
    )
    assert.deepEqual(off, ["1", "1", "1"])
  })

  it("leaves packets their way when the process ends, and is taken over by the next", async () => {
    const first = started()
    await bothWires()
    first.bridges.join(joint)
    await first.stop()
    assert.ok(await passes())
    const { bridges } = started()
    assert.ok(await passes())
    const { index } = link(joint.bridge) ?? {}
    bridges.join(joint)
    assert.equal(link(joint.bridge)?.index, index)
    await bridges.part(joint.bridge)
    assert.equal(link(joint.bridge), undefined)
  })

  it("removes what an earlier run has left once its wires have gone, and nothing of others", async () => {
    const [first, other] = [started(), started("nse-2")]
    await bothWires()
    first.bridges.join(joint)
    const others = jointOf("b").bridge
    other.bridges.join({ bridge: others, ports: ["in-b", "out-b"] })
    await Promise.all([first.stop(), other.stop()])
    started()
    await new Links(here).delete(towardsClient)
    await becomes(() => link(towardsClient) === undefined && isPort(towardsEndpoint))
    await new Links(here).delete(towardsEndpoint)
    await becomes(() => link(joint.bridge) === undefined)
    assert.deepEqual(links(), [others])
  })

  it("removes at its start what has lost its wires meanwhile", async () => {
    const first = started()
    first.bridges.join(joint)
    await first.stop()
    started()
    await becomes(() => link(joint.bridge) === undefined)
  })
})

async function becomes(look: () => boolean | Promise<boolean>): Promise<void> {
  for (const until = Date.now() + 5000; Date.now() < until; await wait(10)) if (await look()) return
  assert.ok(await look(), "it does not come to that")
}
