import assert from "node:assert/strict"
import { once } from "node:events"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { json } from "node:stream/consumers"
import { NsmError } from "../../core/errors.ts"
import { FakeClock } from "../../testing/fake-clock.ts"
import { allowed, type Policy, type Question } from "../policy.ts"
import { remotePolicy } from "./remote.ts"

describe("remotePolicy", () => {
  let clock: FakeClock
  let server: Server
  let answer: (request: IncomingMessage, response: ServerResponse) => void
  let policy: Policy

  beforeEach(async () => {
    clock = new FakeClock()
    server = createServer((request, response) => answer(request, response))
    server.listen(0, "127.0.0.1")
    await once(server, "listening")
    const { port } = server.address() as AddressInfo
    policy = remotePolicy({ url: `http://127.0.0.1:${port}/v1/data/nsm`, clock })
  })
  afterEach(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, "close")
  })

  const asked = (signal = new AbortController().signal): Question => ({
    input: { auth_info: { certificate: "pem" }, index: 1 },
    now: clock.now(),
    signal,
    claims: () => undefined,
    isSignedByPeer: () => false,
  })
  const says = (body: string, status = 200) => {
    answer = (_, response) => void response.writeHead(status).end(body)
  }

  it("posts the document to the data API", async () => {
    let sent: unknown
    const { promise: body, resolve } = Promise.withResolvers<unknown>()
    answer = (request, response) => {
      resolve(json(request))
      sent = [request.method, request.url, request.headers["content-type"]]
      response.end('{"result": true}')
    }
    assert.deepEqual(await policy.evaluate(asked()), allowed)
    const input = { auth_info: { certificate: "pem" }, index: 1 }
    assert.deepEqual(sent, ["POST", "/v1/data/nsm", "application/json"])
    assert.deepEqual(await body, { input })
  })

  for (const url of ["http://user:secret@opa.example.org/v1", "https://secret@opa/", "http://"]) {
    it(`is not made of ${url}, and does not repeat it`, () => {
      assert.throws(
        () => remotePolicy({ url, clock }),
        ({ reason, message }: NsmError) => reason === "POLICY_INVALID" && !message.includes("http"),
      )
    })
  }

  const answers: readonly (readonly [string, boolean, why?: string])[] = [
    ['{"result": true}', true],
    ['{"result": {"valid": true, "other": 1}}', true],
    ['{"result": false}', false, "it is not"],
    ['{"result": "true"}', false, "it is not"],
    ['{"result": {"valid": false, "why": "not today"}}', false, "not today"],
    ["{}", false, "it is not"],
  ]
  for (const [body, isAllowed, why] of answers) {
    it(`takes ${body} for ${isAllowed ? "a yes" : "a no"}`, async () => {
      says(body)
      const verdict = await policy.evaluate(asked())
      assert.equal(verdict.isAllowed, isAllowed)
      if (!verdict.isAllowed) assert.equal(verdict.why, why)
    })
  }

  const failures: readonly (readonly [string, number, RegExp])[] = [
    ['{"code": "internal"}', 500, /HTTP status 500/],
    ["", 404, /HTTP status 404/],
    ["true, more or less", 200, /JSON/],
    ["null", 200, /null/],
  ]
  for (const [body, status, text] of failures) {
    it(`fails on ${JSON.stringify(body)} with status ${status}`, async () => {
      says(body, status)
      await assert.rejects(async () => policy.evaluate(asked()), { reason: "POLICY_FAILED", text })
    })
  }

  it("follows nobody elsewhere with tokens", async () => {
    answer = (_, response) =>
      void response.writeHead(307, { location: "http://127.0.0.1:1/" }).end()
    await assert.rejects(async () => policy.evaluate(asked()), { reason: "POLICY_FAILED" })
  })

  it("fails where nobody answers", async () => {
    const nowhere = remotePolicy({ url: "http://127.0.0.1:1/v1/data/nsm", clock })
    await assert.rejects(async () => nowhere.evaluate(asked()), {
      reason: "POLICY_FAILED",
      text: /ECONNREFUSED|bad port/,
    })
  })

  it("waits a second and no longer", async () => {
    const { promise: arrived, resolve } = Promise.withResolvers<void>()
    answer = () => resolve()
    const answering = policy.evaluate(asked())
    await arrived
    const late = assert.rejects(async () => answering, { reason: "DEADLINE_EXCEEDED" })
    await clock.advance(1000)
    await late
    assert.equal(clock.pending, 0)
  })

  it("gives up with its caller", async () => {
    const controller = new AbortController()
    answer = () => controller.abort(new NsmError("CANCELLED", "given up"))
    await assert.rejects(async () => policy.evaluate(asked(controller.signal)), {
      text: "given up",
    })
    assert.equal(clock.pending, 0)
  })
})
