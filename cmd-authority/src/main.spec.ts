import assert from "node:assert/strict"
import { chmod, mkdir, stat, writeFile } from "node:fs/promises"
import { type Identity, verifyChain, type WorkloadIdentity, workloadApi } from "@nsm/sdk"
import {
  bundlePem,
  createAuthority,
  requestIntermediate,
  signIntermediate,
} from "@nsm/sdk/authority"
import {
  DaemonProcess,
  type LogLine,
  temporaryFolder,
  type TemporaryFolder,
} from "@nsm/sdk/testing"

const main = new URL("main.ts", import.meta.url)
const uid = process.getuid?.() ?? -1
const signal = new AbortController().signal

describe("authority", function () {
  this.timeout(30_000)
  let cleanup: AsyncDisposableStack
  let folder: TemporaryFolder
  let url: string
  let directory: string

  beforeEach(async () => {
    cleanup = new AsyncDisposableStack()
    folder = cleanup.use(await temporaryFolder())
    url = folder.socket("authority.sock")
    directory = `${folder.path}/state`
  })
  afterEach(() => cleanup.disposeAsync())

  const started = (env: Record<string, string> = {}): DaemonProcess => {
    const own = { NSM_LISTEN_ON: url, NSM_STATE_DIRECTORY: directory, NSM_TRUST_DOMAIN: "nsm.test" }
    return cleanup.use(new DaemonProcess({ main, env: { ...own, ...env } }))
  }
  const workload = (name: string): DaemonProcess =>
    cleanup.use(
      new DaemonProcess({
        main: new URL("show-identity.spec.main.ts", import.meta.url),
        env: { SPIFFE_ENDPOINT_SOCKET: url, NSM_NAME: name },
      }),
    )
  const identity = (one: DaemonProcess): Promise<LogLine> => one.line("identity")
  const followed = (): WorkloadIdentity => cleanup.use(workloadApi({ url }))
  const entries = (text: string): Promise<void> => writeFile(`${directory}/entries.yaml`, text)
  const roots = ({ bundles }: Identity): readonly string[] =>
    (bundles.get("nsm.test") ?? []).map(({ fingerprint256 }) => fingerprint256)
  const root = (identity: Identity): string | undefined => roots(identity)[0]

  it("gives two processes different ids, by user and name", async () => {
    await started().line("ready")
    const [one, other] = await Promise.all([
      identity(workload("nsc-1")),
      identity(workload("nsc-2")),
    ])
    assert.equal(one["id"], `spiffe://nsm.test/uid/${uid}/nsc-1`)
    assert.equal(other["id"], `spiffe://nsm.test/uid/${uid}/nsc-2`)
    assert.notEqual(one["serial"], other["serial"])
  })

  it("gives ids by its entries, and follows them", async () => {
    await mkdir(directory, { mode: 0o700 })
    await entries(`- id: spiffe://nsm.test/first\n  selectors: { uid: ${uid} }\n`)
    const daemon = started()
    await daemon.line("ready")
    const source = followed()
    assert.equal((await source.first(signal)).svid.id, "spiffe://nsm.test/first")
    const changed = change(source)
    await entries(`- id: spiffe://nsm.test/second\n  selectors: { pid: ${process.pid} }\n`)
    assert.equal((await changed).svid.id, "spiffe://nsm.test/second")
  })

  it("warns of entries with an unknown field, with line and field, and keeps those from before", async () => {
    await mkdir(directory, { mode: 0o700 })
    await entries(`- id: spiffe://nsm.test/first\n  selectors: { uid: ${uid} }\n`)
    const daemon = started()
    await daemon.line("ready")
    await entries("- id: spiffe://nsm.test/second\n  selectors:\n    user: 0\n")
    const { error } = await daemon.line("entries cannot be read, those from before stay")
    assert.match(
      JSON.stringify(error),
      /entries\.yaml:3: \[0\]\.selectors\.user: is not known here/,
    )
    assert.equal((await followed().first(signal)).svid.id, "spiffe://nsm.test/first")
  })

  it("does not start with entries of another trust domain", async () => {
    await mkdir(directory, { mode: 0o700 })
    await entries("- id: spiffe://other.test/a\n  selectors: { uid: 0 }\n")
    const daemon = started()
    const { error } = await daemon.line("cannot start")
    assert.match(JSON.stringify(error), /entries\.yaml:1: \[0\]\.id: is of the trust domain other/)
    assert.equal(await daemon.exitCode(), 1)
  })

  it("renews identities while a client follows", async () => {
    await started({ NSM_SVID_LIFETIME: "2s" }).line("ready")
    const source = followed()
    const { svid } = await source.first(signal)
    const next = await change(source)
    assert.equal(next.svid.id, svid.id)
    assert.ok(next.svid.expiresAt > svid.expiresAt)
    assert.equal(root(next), root(source.current))
  })

  it("publishes a new root before it signs, while a client follows", async () => {
    await started({ NSM_SVID_LIFETIME: "2s", NSM_ROOT_LIFETIME: "6s" }).line("ready")
    const source = followed()
    const first = root(await source.first(signal))
    const { svid, bundles } = await changeUntil(source, (one) => roots(one).length === 2)
    const [old, next] = bundles.get("nsm.test") ?? []
    assert.ok(old && next)
    assert.equal(old.fingerprint256, first)
    assert.ok(svid.certificates[0].checkIssued(old))
    const later = await changeUntil(source, (one) => one.svid.certificates[0].checkIssued(next))
    assert.equal(later.svid.id, svid.id)
    assert.ok(roots(later).includes(next.fingerprint256))
  })

  it("keeps its root when it starts anew, and clients keep their identity meanwhile", async () => {
    const first = started()
    await first.line("ready")
    const source = followed()
    const before = await source.first(signal)
    first.kill("SIGKILL")
    await first.exitCode()
    assert.equal(source.current, before)
    const changed = change(source)
    await started().line("ready")
    assert.equal(root(await changed), root(before))
    assert.notEqual(root(before), undefined)
  })

  it("keeps its keys to itself", async () => {
    await started().line("ready")
    assert.equal((await stat(directory)).mode & 0o777, 0o700)
    assert.equal((await stat(`${directory}/authority.json`)).mode & 0o777, 0o600)
  })

  it("does not start where others can read its keys", async () => {
    await mkdir(directory, { mode: 0o700 })
    await chmod(directory, 0o755)
    const daemon = started()
    const { error } = await daemon.line("cannot start")
    assert.match(JSON.stringify(error), /INVALID_CONFIGURATION.*mode 755/)
    assert.equal(await daemon.exitCode(), 1)
  })

  it("does not start with keys that it cannot read, and quotes none of them", async () => {
    const first = started()
    await first.line("ready")
    first.kill("SIGTERM")
    assert.equal(await first.exitCode(), 0)
    await writeFile(`${directory}/authority.json`, '{"secret":"nobody may see this"')
    const second = started()
    const { error } = await second.line("cannot start")
    assert.match(JSON.stringify(error), /authority\.json is not what an authority has written/)
    assert.doesNotMatch(second.output + JSON.stringify(second.lines), /nobody may see/)
  })

  it("tells of the roots of joined trust domains, as soon as they are there", async () => {
    await started().line("ready")
    const source = followed()
    await source.first(signal)
    using other = await createAuthority({ trustDomain: "other.test" })
    const changed = change(source)
    await mkdir(`${directory}/trust.d`)
    await writeFile(`${directory}/trust.d/other.test.pem`, bundlePem(other.bundle))
    const { bundles } = await changed
    assert.deepEqual([...bundles.keys()].toSorted(), ["nsm.test", "other.test"])
    assert.equal(bundles.get("other.test")?.[0]?.fingerprint256, other.bundle[0]?.fingerprint256)
  })

  it("issues below a shared root as soon as that has signed its request", async () => {
    const trustDomain = "nsm.test"
    using shared = await createAuthority({ trustDomain })
    await started().line("ready")
    const source = followed()
    assert.equal((await source.first(signal)).svid.certificates.length, 1)
    const now = Date.now()
    const request = await requestIntermediate({ directory, trustDomain })
    const options = { request, issuer: shared.issuer, trustDomain, now, lifetimeMs: 3_600_000 }
    const isBelow = changeUntil(source, ({ bundles }) => bundles.get(trustDomain)?.length === 2)
    await writeFile(`${directory}/intermediate.pem`, await signIntermediate(options))
    const { bundles } = await isBelow
    const fresh = await cleanup.use(workloadApi({ url })).first(signal)
    assert.equal(fresh.svid.certificates.length, 2)
    const common = new Map([[trustDomain, shared.bundle]])
    assert.equal(verifyChain(fresh.svid.certificates, { bundles: common, now }), fresh.svid.id)
    assert.equal(bundles.get(trustDomain)?.[1]?.fingerprint256, shared.bundle[0]?.fingerprint256)
  })

  it("warns of a certificate from a shared root that it has no key for, and goes on", async () => {
    const daemon = started()
    await daemon.line("ready")
    await writeFile(`${directory}/intermediate.pem`, "nonsense")
    const { error } = await daemon.line("the certificate from the shared root cannot be used")
    assert.match(JSON.stringify(error), /intermediate\.key is missing/)
    await followed().first(signal)
  })

  it("shows its roots and its metrics over HTTP", async () => {
    const { http } = await started().line("ready")
    await identity(workload("nsc"))
    const get = async (path: string): Promise<string> =>
      (await fetch(`${String(http)}${path}`)).text()
    const { keys } = JSON.parse(await get("/bundle")) as { keys: { use: string; crv: string }[] }
    assert.deepEqual(
      keys.map(({ use, crv }) => [use, crv]),
      [["x509-svid", "P-256"]],
    )
    const metrics = await get("/metrics")
    assert.match(metrics, /^nsm_workload_answers_total\{method="FetchX509SVID"\} 1$/m)
    assert.match(metrics, /^nsm_workload_followers\{method="FetchX509SVID"\} 1$/m)
    assert.match(metrics, /^nsm_authority_roots 1$/m)
    assert.match(metrics, /^nsm_authority_issuer_expiry_seconds \d{10}/m)
  })

  for (const [name, value] of [
    ["NSM_LISTEN_ON", "tcp://127.0.0.1:8081"],
    ["NSM_TRUST_DOMAIN", "Nsm"],
    ["NSM_SVID_LIFETIME", "1s"],
  ] as const) {
    it(`ends with 2 and names the variable when ${name} is ${value}`, async () => {
      const daemon = started({ [name]: value })
      assert.equal(await daemon.exitCode(), 2)
      assert.match(daemon.errors, new RegExp(`${name}="${value}": expected`))
    })
  }
})

/** The first identity to come that fits. */
async function changeUntil(
  source: WorkloadIdentity,
  fits: (identity: Identity) => boolean,
): Promise<Identity> {
  const found = Promise.withResolvers<Identity>()
  using _listening = source.onChange((identity) => fits(identity) && found.resolve(identity))
  return await found.promise
}

/** The next identity that a source gives. */
async function change(source: WorkloadIdentity): Promise<Identity> {
  const next = Promise.withResolvers<Identity>()
  using _listening = source.onChange(next.resolve)
  return await next.promise
}
