import assert from "node:assert/strict"
import { writeFile } from "node:fs/promises"
import { silentLog } from "../../core/log.ts"
import { NsmError } from "../../core/errors.ts"
import { temporaryFolder } from "../../testing/temporary-folder.ts"
import { Readiness } from "../readiness.ts"
import { healthRoutes } from "./health-routes.ts"
import { jsonRoute, type Route } from "./route.ts"
import { serveHttp } from "./serve-http.ts"

const log = silentLog
const address = { host: "127.0.0.1", port: 0 }

function serve(routes: readonly Route[]) {
  return serveHttp({ address, routes, log })
}

describe("serveHttp", () => {
  it("answers routes, and says what there is where there is none", async () => {
    await using server = await serve([jsonRoute("/connections", () => ({ connections: [] }))])
    const found = await fetch(`${server.url}/connections`)
    assert.equal(found.headers.get("content-type"), "application/json")
    assert.deepEqual(await found.json(), { connections: [] })
    const missing = await fetch(`${server.url}/elsewhere`)
    assert.equal(missing.status, 404)
    assert.match(await missing.text(), /GET \/connections/)
    assert.equal((await fetch(`${server.url}/connections`, { method: "PUT" })).status, 405)
  })

  it("answers 500 when a route fails, and logs it", async () => {
    const logged: string[] = []
    const noted = { ...silentLog, error: (message: string) => void logged.push(message) }
    const broken = jsonRoute("/", () => {
      throw new Error("broken")
    })
    await using server = await serveHttp({ address, routes: [broken], log: noted })
    assert.equal((await fetch(server.url)).status, 500)
    assert.deepEqual(logged, ["HTTP request failed"])
  })

  it("is ready when every need is met, and no more once the end has begun", async () => {
    const readiness = new Readiness()
    const need = readiness.needs("registry")
    const ending = new AbortController()
    await using server = await serve(healthRoutes({ readiness, signal: ending.signal }))
    const ready = async () => (await fetch(`${server.url}/readyz`)).status
    assert.equal(await ready(), 503)
    need.met()
    assert.equal(await ready(), 200)
    need.unmet("gone")
    const verbose = await fetch(`${server.url}/readyz?verbose`)
    assert.equal(await verbose.text(), "[-] registry: gone\nreadyz failed\n")
    need.met()
    ending.abort()
    assert.equal(await ready(), 503)
    assert.equal((await fetch(`${server.url}/livez`)).status, 200)
  })

  it("fails with ADDRESS_IN_USE when the port is taken", async () => {
    await using server = await serve([])
    const port = Number(new URL(server.url).port)
    await assert.rejects(
      serveHttp({ address: { host: "127.0.0.1", port }, routes: [], log }),
      (failure) => failure instanceof NsmError && failure.reason === "ADDRESS_IN_USE",
    )
  })

  it("takes over neither a live unix socket nor another file", async () => {
    await using folder = await temporaryFolder()
    const path = `${folder.path}/http`
    const isTaken = (failure: unknown): boolean =>
      failure instanceof NsmError && failure.reason === "ADDRESS_IN_USE"
    {
      await using live = await serveHttp({ address: { path }, routes: [], log })
      assert.equal(live.url, `unix://${path}`)
      await assert.rejects(serveHttp({ address: { path }, routes: [], log }), isTaken)
    }
    await writeFile(path, "not a socket")
    await assert.rejects(serveHttp({ address: { path }, routes: [], log }), isTaken)
  })
})
