import assert from "node:assert/strict"
import { create } from "@bufbuild/protobuf"
import { timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt"
import {
  ConnectionEventType,
  MechanismParameter,
  MonitorScopeSelectorSchema,
  NetworkServiceEndpointQuerySchema,
  NetworkServiceEndpointSchema,
  NetworkServiceQuerySchema,
  NetworkServiceSchema,
} from "@nsm/api"
import { assertPrinted } from "@nsm/sdk/testing"
import type { MeshClient } from "../client/mesh-client.ts"
import { kernelMechanism } from "../conformance/scene.ts"
import { Mesh } from "../lab/mesh.ts"
import { needsGo } from "../lab/needs-go.ts"
import { matrixTable } from "./matrix-table.ts"
import { mixes } from "./mixes.ts"
import { firstRequest, identityOf, repeatedRequest } from "./requests.ts"

/** What was tried in each mix, and whether it works. */
const outcomes = new Map<string, Map<string, boolean>>()

for (const { title, sides, client: side } of mixes) {
  const tried = new Map<string, boolean>()
  outcomes.set(title, tried)

  /** A test with a column of its own in the document. */
  const step = (column: string, title: string, run: () => Promise<void>): void => {
    it(title, async () => {
      tried.set(column, false)
      await run()
      tried.set(column, true)
    })
  }

  describe(`a mesh, ${title}`, function () {
    this.timeout(30_000)
    let mesh: Mesh
    let client: MeshClient
    let watcher: MeshClient

    if (side === "go" || Object.values(sides).includes("go")) before(needsGo)

    before(async () => {
      mesh = await Mesh.up({ sides })
      client = await mesh.client(side, "client")
      watcher = await mesh.client(side, "watcher")
    })

    after(async () => await mesh?.[Symbol.asyncDispose]())

    afterEach(function () {
      if (this.currentTest?.isFailed() === true) process.stderr.write(`${mesh?.logs ?? ""}\n`)
    })

    step(
      "request",
      "grants a request with a path of four hops, each with a token of its own",
      async () => {
        const granted = await client.request(firstRequest("nsc-path"))
        const segments = granted.path?.pathSegments ?? []
        assert.deepEqual(
          segments.map(({ name }) => name),
          ["client", "nsmgr", "forwarder", "nse"],
        )
        assert.equal(granted.id, "nsc-path")
        assert.equal(granted.path?.index, 0)
        assert.equal(new Set(segments.map(({ token }) => token)).size, 4)
        const ids = segments.map(({ token }) => claimsOf(token).sub)
        assert.deepEqual(
          ids,
          ["client", "nsmgr", "forwarder", "nse"].map((name) => mesh.trust.idOf(name)),
        )
        assert.equal(granted.networkServiceEndpointName, "nse")
        assert.equal(granted.payload, "IP")
        assert.equal(granted.context?.ipContext?.srcIpAddrs.length, 1)
        await client.close(granted)
      },
    )

    step("repeat", "keeps ids and addresses when a request is repeated", async () => {
      const first = await client.request(firstRequest("nsc-refresh"))
      const again = await client.request(repeatedRequest(first))
      assert.deepEqual(identityOf(again), identityOf(first))
      assert.deepEqual(again.context?.ipContext?.srcIpAddrs, first.context?.ipContext?.srcIpAddrs)
      await client.close(again)
    })

    step(
      "monitor",
      "tells of connections: how they stand, when they are renewed, when they are closed",
      async () => {
        const first = await client.request(firstRequest("nsc-monitor"))
        const managed = first.path?.pathSegments[1]?.id ?? ""
        using events = client.monitor(
          create(MonitorScopeSelectorSchema, { pathSegments: [{ id: "nsc-monitor" }] }),
        )
        const initial = await events.arrivals.next()
        assert.equal(initial?.type, ConnectionEventType.INITIAL_STATE_TRANSFER)
        assert.deepEqual(Object.keys(initial.connections), [managed])
        await client.request(repeatedRequest(first))
        const update = await events.arrivals.next()
        assert.equal(update?.type, ConnectionEventType.UPDATE)
        assert.ok(Object.hasOwn(update.connections, managed))
        await client.close(first)
        const end = await events.arrivals.find(({ type }) => type === ConnectionEventType.DELETE)
        assert.ok(end && Object.hasOwn(end.connections, managed), "the end is told")
      },
    )

    step("close", "gives addresses back that were closed", async () => {
      const first = await client.request(firstRequest("nsc-one"))
      await client.close(first)
      const second = await client.request(firstRequest("nsc-two"))
      assert.deepEqual(second.context?.ipContext?.srcIpAddrs, first.context?.ipContext?.srcIpAddrs)
      await client.close(second)
    })

    step(
      "register, find, watch, unregister",
      "registers, finds and takes out, with the path of all hops",
      async () => {
        const service = create(NetworkServiceSchema, { name: "matrix" })
        assert.equal((await client.registerService(service)).payload, "IP")
        using services = watcher.findServices(
          create(NetworkServiceQuerySchema, { networkService: { name: "matrix" } }),
        )
        assert.equal((await services.arrivals.next())?.networkService?.name, "matrix")

        const entry = create(NetworkServiceEndpointSchema, {
          ...{ name: "matrix-1", url: "tcp://192.0.2.1:9", networkServiceNames: ["matrix"] },
          networkServiceLabels: { matrix: { labels: { color: "red" } } },
        })
        using watched = watcher.findEndpoints(
          create(NetworkServiceEndpointQuerySchema, {
            networkServiceEndpoint: { networkServiceNames: ["matrix"] },
            watch: true,
          }),
        )
        const stored = await client.registerEndpoint(entry)
        assert.equal(stored.url, entry.url)
        assert.deepEqual(
          stored.pathIds,
          ["client", "nsmgr", "registry"].map((name) => mesh.trust.idOf(name)),
        )
        const end = timestampMs(stored.expirationTime ?? timestampFromMs(0))
        assert.ok(end > Date.now() && end <= Date.now() + 61_000, "it ends within a minute")
        const put = await watched.arrivals.next()
        assert.equal(put?.networkServiceEndpoint?.name, "matrix-1")
        assert.equal(put.deleted, false)

        using found = watcher.findEndpoints(
          create(NetworkServiceEndpointQuerySchema, {
            networkServiceEndpoint: { name: "matrix-1" },
          }),
        )
        const [label] = Object.values(
          (await found.arrivals.next())?.networkServiceEndpoint?.networkServiceLabels ?? {},
        )
        assert.equal(label?.labels["color"], "red")

        await client.unregisterEndpoint(stored)
        const taken = await watched.arrivals.find(({ deleted }) => deleted)
        assert.equal(taken?.networkServiceEndpoint?.name, "matrix-1")
      },
    )

    step("expire", "lets go of an entry that nobody renews", async () => {
      const leaver = await mesh.client(side, "leaver")
      using watched = watcher.findEndpoints(
        create(NetworkServiceEndpointQuerySchema, {
          networkServiceEndpoint: { name: "matrix-2" },
          watch: true,
        }),
      )
      const entry = create(NetworkServiceEndpointSchema, {
        ...{ name: "matrix-2", url: "tcp://192.0.2.1:9", networkServiceNames: ["matrix"] },
        expirationTime: timestampFromMs(Date.now() + 3000),
      })
      await leaver.registerEndpoint(entry, { timeoutMs: 1500 })
      await leaver.kill()
      const gone = await watched.arrivals.find(({ deleted }) => deleted, 15_000)
      assert.equal(gone?.networkServiceEndpoint?.name, "matrix-2")
    })

    step("ownership", "refuses the name of somebody else", async () => {
      const name = "matrix-3"
      const url = "tcp://192.0.2.1:9"
      const owned = await client.registerEndpoint(
        create(NetworkServiceEndpointSchema, { name, url }),
      )
      const thief = create(NetworkServiceEndpointSchema, { name, url })
      // Clients of both sides try again until they are told to give up.
      await assert.rejects(watcher.registerEndpoint(thief, { timeoutMs: 1000 }))
      using found = watcher.findEndpoints(
        create(NetworkServiceEndpointQuerySchema, { networkServiceEndpoint: { name } }),
      )
      const [owner] = (await found.arrivals.next())?.networkServiceEndpoint?.pathIds ?? []
      assert.equal(owner, mesh.trust.idOf("client"))
      await client.unregisterEndpoint(owned)
    })

    // What comes as the message names only an inode, which is of no use to who got no file.
    step(
      "open files",
      "takes a namespace and sockets as open files over unix sockets",
      async () => {
        await using mesh = await Mesh.up({ sides, managerSocket: "unix" })
        const client = await mesh.client(side, "client")
        const granted = await client.request(firstRequest("nsc-files"))
        const { inodeUrl } = MechanismParameter
        const url = granted.mechanism?.parameters[inodeUrl]
        assert.equal(
          url,
          kernelMechanism.parameters[inodeUrl],
          "the client knows its own namespace",
        )
        const again = await client.request(repeatedRequest(granted))
        assert.deepEqual(identityOf(again), identityOf(granted))
        await client.close(again)
      },
    )
  })
}

describe("the matrix", () => {
  it("is what the document says", function () {
    const steps = [...outcomes.values()].map((tried) => tried.size)
    if (Math.min(...steps) < Math.max(...steps) || steps[0] === 0) {
      this["skipReason"] = "not all of it was tried"
      this.skip()
    }
    const file = new URL("../../docs/matrix.md", import.meta.url)
    assertPrinted({ file, section: "matrix", text: matrixTable(outcomes) })
  })
})

function claimsOf(token: string): { readonly sub?: string } {
  const [, claims = ""] = token.split(".")
  return JSON.parse(Buffer.from(claims, "base64url").toString()) as { sub?: string }
}
