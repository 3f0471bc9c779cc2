import assert from "node:assert/strict"
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { Registry } from "prom-client"
import type { Log } from "../core/log.ts"
import { silentLog } from "../core/log.ts"
import { jwt } from "../testing/jwt.ts"
import { testCall } from "../testing/call.ts"
import { FakeClock } from "../testing/fake-clock.ts"
import { temporaryFolder, type TemporaryFolder } from "../testing/temporary-folder.ts"
import { parseRecording } from "../policy/replay.ts"
import { readConfig } from "./config/read-config.ts"
import {
  clientPolicySettings,
  registryClientPolicySettings,
  registryServerPolicySettings,
  serverPolicySettings,
} from "./config/policy-settings.ts"
import { daemonPolicies } from "./policies.ts"

const settings = {
  ...serverPolicySettings,
  ...clientPolicySettings,
  ...registryServerPolicySettings,
  ...registryClientPolicySettings,
}

describe("daemonPolicies", () => {
  const clock = new FakeClock()
  let started: AsyncDisposableStack
  let folder: TemporaryFolder
  let metrics: Registry
  let warnings: string[]

  beforeEach(async () => {
    started = new AsyncDisposableStack()
    folder = await temporaryFolder()
    metrics = new Registry()
    warnings = []
  })
  afterEach(async () => {
    await started.disposeAsync()
    await folder[Symbol.asyncDispose]()
    assert.equal(clock.pending, 0, "files are followed after the end")
  })

  const make = (environment: Record<string, string> = {}, insecure = false) => {
    const config = { name: "hop", insecure, ...readConfig(settings, environment).values }
    const log: Log = { ...silentLog, warn: (message) => void warnings.push(message) }
    return daemonPolicies({
      config,
      log,
      clock,
      metrics,
      use: (_, resource) => started.use(resource as AsyncDisposable) as typeof resource,
    })
  }
  const peer = { address: "test", id: "spiffe://nsm.local/nsc" }
  const counted = async (): Promise<string> => metrics.metrics()

  it("ask the documented policies by default, and count what these decide", async () => {
    const { server, client, registryServer, registryClient } = await make()
    assert.ok(server?.watches && client && registryServer && registryClient)
    const call = testCall({ clock, peer })
    await assert.rejects(
      async () => server.requests?.check({}, peer, call),
      /server\/prev_token_signed/,
    )
    await assert.rejects(client.answers.check({}, peer, call), /client\/next_token_signed/)
    const nobody = registryServer.registrations.check({ resource_name: "a" }, peer, call)
    await assert.rejects(nobody, /server\/prev_token_signed/)
    await assert.rejects(server.watches.check({}, peer, call), /monitor\/service_connection/)
    const text = await counted()
    assert.match(text, /decisions_total\{policy="common\/tokens_valid",decision="allowed"\} 3/)
    assert.match(text, /decisions_total\{policy="server\/prev_token_signed",decision="denied"\} 2/)
  })

  it("ask nothing where there is nothing to go by", async () => {
    const none = { server: undefined, client: undefined }
    const registries = { registryServer: undefined, registryClient: undefined }
    const environment = { NSM_POLICY_RECORD: join(folder.path, "never"), NSM_POLICIES_DRY_RUN: "x" }
    assert.deepEqual(await make(environment, true), { ...none, ...registries })
    assert.deepEqual(await readdir(folder.path), [])
  })

  it("ask nothing where a setting is empty", async () => {
    const { server, client } = await make({ NSM_SERVER_POLICIES: "", NSM_MONITOR_POLICIES: "" })
    assert.equal(server, undefined)
    assert.ok(client)
  })

  it("try policies out", async () => {
    const { server, client } = await make({ NSM_POLICIES_DRY_RUN: "server/prev_token_signed" })
    const call = testCall({ clock, peer })
    await server?.requests?.check({}, peer, call)
    assert.match(await counted(), /policy="server\/prev_token_signed",decision="would-deny"\} 1/)
    await assert.rejects(async () => client?.answers.check({}, peer, call))
  })

  it("try all policies out", async () => {
    const { client } = await make({ NSM_POLICIES_DRY_RUN: "all" })
    await client?.answers.check({}, peer, testCall({ clock, peer }))
  })

  it("take no name for a trial that is no policy's", async () => {
    await assert.rejects(make({ NSM_POLICIES_DRY_RUN: "tokens_valid" }), {
      reason: "INVALID_CONFIGURATION",
      text: /^NSM_POLICIES_DRY_RUN names tokens_valid, but there are common\/tokens_valid, /,
    })
  })

  it("count what could not be loaded", async () => {
    const path = join(folder.path, "policy.wasm")
    await writeFile(path, "broken")
    await assert.rejects(make({ NSM_SERVER_POLICIES: path }), { reason: "POLICY_INVALID" })
    assert.match(await counted(), /nsm_policy_load_failures_total\{policy=".*policy\.wasm"\} 1/)
  })

  it("write down what they are asked, for their owner only", async () => {
    const records = join(folder.path, "records")
    const { client } = await make({ NSM_POLICY_RECORD: records })
    const path_segments = [{ token: jwt({ sub: "a", exp: clock.now() / 1000 + 60 }) }]
    for (let count = 0; count < 2; count++) {
      const asked = client?.answers.check({ path_segments }, peer, testCall({ clock, peer }))
      await assert.rejects(async () => asked)
    }
    await started.disposeAsync()
    const file = join(records, "hop.jsonl")
    const [first, second] = parseRecording(await readFile(file, "utf8"))
    assert.deepEqual([first?.point, second?.verdict], ["client", "denied"])
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    assert.equal((await stat(records)).mode & 0o777, 0o700)
  })

  it("go on when nothing can be written down, and say so once", async () => {
    const records = join(folder.path, "records")
    await mkdir(join(records, "hop.jsonl"), { recursive: true })
    const { client } = await make({ NSM_POLICY_RECORD: records })
    const call = testCall({ clock, peer })
    await assert.rejects(async () => client?.answers.check({}, peer, call), /next_token_signed/)
    await new Promise(setImmediate)
    await assert.rejects(async () => client?.answers.check({}, peer, call), /next_token_signed/)
    await started.disposeAsync()
    assert.deepEqual(warnings, ["what policies are asked is not all recorded"])
  })
})
