import assert from "node:assert/strict"
import { mkdtempDisposable, stat, writeFile } from "node:fs/promises"
import { createServer, type Server } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { execFileSync } from "node:child_process"
import { ChannelCredentials, Client, type ServiceError } from "@grpc/grpc-js"
import { create } from "@bufbuild/protobuf"
import {
  ConnectionSchema,
  HealthCheckRequestSchema,
  HealthCheckResponse_ServingStatus as Status,
  Header,
} from "@nsm/api"
import { withCall } from "../../core/call.ts"
import { systemClock } from "../../core/clock.ts"
import { NsmError } from "../../core/errors.ts"
import { silentLog } from "../../core/log.ts"
import type { Reason } from "../../core/reasons.ts"
import { networkServiceWire } from "../../networkservice/service.ts"
import { grant } from "../../networkservice/tail.ts"
import { healthWire } from "../health.ts"
import { expose, type Transport } from "../transport.ts"
import { grpcTransport } from "./transport.ts"

describe("gRPC listener", () => {
  let transport: Transport
  let dir: Awaited<ReturnType<typeof mkdtempDisposable>>
  beforeEach(async () => {
    dir = await mkdtempDisposable(join(tmpdir(), "nsm-"))
    transport = grpcTransport({ name: "server", dialTimeoutMs: 200, shutdownTimeoutMs: 200 })
  })
  afterEach(async () => {
    await transport[Symbol.asyncDispose]()
    await dir.remove()
  })
  const url = (name: string): string => `unix://${join(dir.path, name)}`
  const exposed = [expose(networkServiceWire, grant)]

  describe("on a unix socket", () => {
    it("makes its directory and lets everybody connect", async () => {
      const listener = await transport.listen(url("a/b/nsm.sock"), exposed)
      assert.equal(listener.url, url("a/b/nsm.sock"))
      assert.equal((await stat(join(dir.path, "a/b/nsm.sock"))).mode & 0o777, 0o777)
    })

    it("takes the place of a socket whose process has gone", async () => {
      leaveSocket(join(dir.path, "stale.sock"))
      await transport.listen(url("stale.sock"), exposed)
      await ask(transport, url("stale.sock"))
    })

    it("does not take the place of a file", async () => {
      await writeFile(join(dir.path, "file"), "precious")
      await assert.rejects(
        transport.listen(url("file"), exposed),
        because("ADDRESS_IN_USE", /file/),
      )
    })

    it("fails when the path is too long, or leads through a file", async () => {
      await writeFile(join(dir.path, "file"), "precious")
      const long = transport.listen(url("x".repeat(120)), exposed)
      await assert.rejects(long, because("INVALID_URL", /at most 107 bytes/))
      await assert.rejects(transport.listen(url("file/x"), exposed), because("INVALID_URL", /file/))
    })

    it("removes its socket behind it", async () => {
      const listener = await transport.listen(url("nsm.sock"), exposed)
      await listener[Symbol.asyncDispose]()
      await assert.rejects(stat(join(dir.path, "nsm.sock")))
    })
  })

  describe("on TCP", () => {
    it("says which port it was given", async () => {
      const listener = await transport.listen("tcp://127.0.0.1:0", exposed)
      assert.match(listener.url, /^tcp:\/\/127\.0\.0\.1:[1-9]\d*$/)
      await ask(transport, listener.url)
    })

    it("without a host listens on all addresses", async () => {
      const listener = await transport.listen("tcp://:0", exposed)
      const port = /^tcp:\/\/:(\d+)$/.exec(listener.url)?.[1]
      await ask(transport, `tcp://127.0.0.1:${port}`)
      await ask(transport, `tcp://localhost:${port}`)
    })

    it("fails at an address that is not the machine's", async () => {
      const elsewhere = transport.listen("tcp://192.0.2.1:1", exposed)
      await assert.rejects(elsewhere, because("INVALID_URL", /192\.0\.2\.1/))
    })
  })

  it("answers arbitrary bytes with a coded failure", async () => {
    const listener = await transport.listen("tcp://127.0.0.1:0", exposed)
    const client = new Client(
      listener.url.slice("tcp://".length),
      ChannelCredentials.createInsecure(),
    )
    const error = await new Promise<ServiceError | null>((resolve) => {
      const path = "/networkservice.NetworkService/Request"
      const asBytes = (bytes: Buffer): Buffer => bytes
      client.makeUnaryRequest(path, asBytes, asBytes, Buffer.from("\xff\xff\xff"), resolve)
    })
    client.close()
    assert.match(error?.details ?? "", /^MALFORMED_MESSAGE: \[server\] decode/)
    assert.equal(error?.metadata.get(Header.statusDetails).length, 1)
  })

  it("watches health until the caller leaves", async () => {
    const listener = await transport.listen(url("nsm.sock"), exposed)
    const health = transport.client(listener.url, healthWire)
    const first = async (service: string): Promise<Status | undefined> =>
      await withCall({ clock: systemClock, log: silentLog }, async (call) => {
        const asked = create(HealthCheckRequestSchema, { service })
        for await (const { status } of health.watch(asked, call)) return status
        return undefined
      })
    assert.equal(await first(""), Status.SERVING)
    assert.equal(await first("no.Such"), Status.SERVICE_UNKNOWN)
  })

  it("cannot be read as a client of everything", async () => {
    await assert.rejects(ask(transport, "tcp://:5001"), because("INVALID_URL", /names no host/))
  })

  describe("that takes connections and says nothing", () => {
    let mute: Server
    afterEach(() => mute.close())

    beforeEach(async () => {
      mute = createServer((socket) => socket.on("error", () => {}).resume())
      await new Promise<void>((resolve) => mute.listen(join(dir.path, "mute.sock"), resolve))
    })

    it("does not keep the caller from its successor", async () => {
      await assert.rejects(ask(transport, url("mute.sock")))
      await new Promise((resolve) => mute.close(resolve))
      await transport.listen(url("mute.sock"), exposed)
      await ask(transport, url("mute.sock"))
    })

    it("is unreachable when the call's time is over before that", async () => {
      await assert.rejects(
        ask(transport, url("mute.sock"), 50),
        because("PEER_UNREACHABLE", /mute\.sock within the call's time limit/),
      )
    })

    it("is unreachable after the dial timeout", async () => {
      await assert.rejects(
        ask(transport, url("mute.sock")),
        because("PEER_UNREACHABLE", /mute\.sock.*200 ms/),
      )
    })
  })
})

/** What a process leaves that is killed while it listens. */
function leaveSocket(path: string): void {
  const script = `require("net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))`
  try {
    execFileSync(process.execPath, ["-e", script, path], { stdio: "ignore" })
  } catch {
    // It was killed, as it should be.
  }
}

async function ask(transport: Transport, url: string, timeoutMs = 2000): Promise<void> {
  const connection = create(ConnectionSchema)
  await withCall({ clock: systemClock, log: silentLog, timeoutMs }, (call) =>
    transport.client(url, networkServiceWire).close(connection, call),
  )
}

function because(reason: Reason, text: RegExp): (thrown: unknown) => boolean {
  return (thrown) => {
    assert.ok(thrown instanceof NsmError, String(thrown))
    assert.equal(thrown.reason, reason, thrown.message)
    assert.match(thrown.text, text)
    return true
  }
}
