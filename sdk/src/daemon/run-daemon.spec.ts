import assert from "node:assert/strict"
import { existsSync } from "node:fs"
import { DaemonProcess } from "../testing/daemon-process.ts"
import { temporaryFolder } from "../testing/temporary-folder.ts"

const main = new URL("nap.spec.main.ts", import.meta.url)

describe("runDaemon", () => {
  it("starts, says ready, and ends with 0 on SIGTERM, leaving no socket", async () => {
    await using folder = await temporaryFolder()
    const env = { NSM_HTTP_LISTEN_ON: folder.socket("http") }
    await using nap = new DaemonProcess({ main, env })
    const ready = await nap.line("ready")
    assert.equal(ready["http"], folder.socket("http"))
    assert.equal(ready["name"], "nap")
    assert.ok(existsSync(`${folder.path}/http`))
    nap.kill("SIGTERM")
    assert.equal(await nap.exitCode(), 0)
    assert.ok(!existsSync(`${folder.path}/http`))
  })

  it("serves health, metrics and the log level over HTTP", async () => {
    await using nap = new DaemonProcess({ main })
    const http = String((await nap.line("ready"))["http"])
    const get = async (path: string) => (await fetch(`${http}${path}`)).text()
    assert.equal(await get("/livez"), "ok\n")
    assert.equal(await get("/readyz?verbose"), "[+] start ok\n[+] bed ok\nreadyz ok\n")
    const metrics = await get("/metrics")
    assert.match(metrics, /^nsm_build_info\{name="nap",version="[^"]+",node="v24[^"]+"\} 1$/m)
    assert.match(metrics, /^process_resident_memory_bytes \d+$/m)
    assert.equal(await get("/log/level"), "INFO\n")
    const put = await fetch(`${http}/log/level`, { method: "PUT", body: "debug" })
    assert.equal(await put.text(), "DEBUG\n")
    assert.equal((await fetch(`${http}/log/level`, { method: "PUT", body: "loud" })).status, 400)
  })

  it("logs everything after SIGUSR1 and as configured after SIGUSR2", async () => {
    await using nap = new DaemonProcess({ main, env: { NSM_LOG_LEVEL: "INFO" } })
    const http = String((await nap.line("ready"))["http"])
    nap.kill("SIGUSR1")
    assert.equal((await nap.line("log level changed"))["to"], "TRACE")
    nap.kill("SIGUSR2")
    await eventually(async () => (await (await fetch(`${http}/log/level`)).text()) === "INFO\n")
  })

  it("exits with 2 and names every wrong variable", async () => {
    const env = { NSM_LENGTH: "5 sec", NSM_MOOD: "grim" }
    await using nap = new DaemonProcess({ main, env })
    assert.equal(await nap.exitCode(), 2)
    assert.equal(
      nap.errors,
      'nap: INVALID_CONFIGURATION: NSM_LENGTH="5 sec": expected a duration such as 750ms, 10m or ' +
        '1h30m; NSM_MOOD="grim": expected one of calm, failing, throwing, hanging, dreaming\n',
    )
  })

  it("exits with 2 on an unknown option", async () => {
    await using nap = new DaemonProcess({ main, args: ["--hurry"] })
    assert.equal(await nap.exitCode(), 2)
    assert.match(nap.errors, /INVALID_CONFIGURATION: Unknown option '--hurry'; see --help/)
  })

  it("warns about an unknown variable and says which one was probably meant", async () => {
    await using nap = new DaemonProcess({ main, env: { NSM_LENGHT: "1h" } })
    const warning = await nap.line("unknown variable, it has no effect")
    assert.equal(warning["variable"], "NSM_LENGHT")
    assert.equal(warning["didYouMean"], "NSM_LENGTH")
  })

  it("prints its settings, their values and where these come from", async () => {
    const env = { NSM_LENGTH: "2h" }
    await using help = new DaemonProcess({ main, args: ["--help"] })
    assert.equal(await help.exitCode(), 0)
    assert.match(help.output, / {2}NSM_LENGTH=1h\n {6}How long it naps\n/)
    await using shown = new DaemonProcess({ main, env, args: ["--print-config"] })
    assert.equal(await shown.exitCode(), 0)
    assert.match(shown.output, /^NSM_LENGTH=2h +# environment$/m)
    assert.match(shown.output, /^NSM_NAME=nap +# default$/m)
    await using json = new DaemonProcess({ main, env, args: ["--print-config", "-o", "json"] })
    await json.exitCode()
    const { settings } = JSON.parse(json.output) as { settings: { env: string }[] }
    assert.deepEqual(
      settings.find(({ env: name }) => name === "NSM_LENGTH"),
      { env: "NSM_LENGTH", value: "2h", source: "environment", isUnused: false },
    )
  })

  it("exits with 1 when it cannot start, with reason and remedy in the log", async () => {
    await using nap = new DaemonProcess({ main, env: { NSM_MOOD: "failing" } })
    assert.equal(await nap.exitCode(), 1)
    const { error } = await nap.line("cannot start")
    assert.equal((error as { reason: string }).reason, "PEER_UNREACHABLE")
    assert.match((error as { remedy: string }).remedy, /Check that it runs/)
  })

  it("exits with 1 after an uncaught error", async () => {
    await using nap = new DaemonProcess({ main, env: { NSM_MOOD: "throwing" } })
    assert.equal(await nap.exitCode(), 1)
    const { error } = await nap.line("uncaught error")
    assert.equal((error as { text: string }).text, "fell out of bed")
  })

  it("does not wait for what hangs longer than the limit", async () => {
    const env = { NSM_MOOD: "hanging", NSM_SHUTDOWN_TIMEOUT: "100ms" }
    await using nap = new DaemonProcess({ main, env })
    await nap.line("ready")
    nap.kill("SIGTERM")
    assert.equal(await nap.exitCode(), 1)
    assert.equal((await nap.line("did not end in order"))["what"], "the bed")
  })

  it("takes over the sockets of a process that was killed", async () => {
    await using folder = await temporaryFolder()
    const env = { NSM_HTTP_LISTEN_ON: folder.socket("http") }
    await using killed = new DaemonProcess({ main, env })
    await killed.line("ready")
    killed.kill("SIGKILL")
    await killed.exitCode()
    assert.ok(existsSync(`${folder.path}/http`))
    await using nap = new DaemonProcess({ main, env })
    assert.ok(await nap.line("ready"))
  })

  it("does not wait for a start that does not give up", async () => {
    const env = { NSM_MOOD: "dreaming", NSM_SHUTDOWN_TIMEOUT: "100ms" }
    await using nap = new DaemonProcess({ main, env })
    await nap.line("starting")
    nap.kill("SIGTERM")
    assert.equal(await nap.exitCode(), 1)
    assert.ok(await nap.line("still open at the end"))
  })

  it("exits at once on a second signal", async () => {
    await using nap = new DaemonProcess({ main, env: { NSM_MOOD: "hanging" } })
    await nap.line("ready")
    nap.kill("SIGTERM")
    await nap.line("ending")
    nap.kill("SIGINT")
    assert.equal(await nap.exitCode(), 1)
    assert.ok(await nap.line("ends at once, because of a second signal"))
  })
})

async function eventually(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo()));
}
