import assert from "node:assert/strict"
import { Lab } from "../lab/lab.ts"
import { needsPrivilege } from "../lab/privilege.ts"
import { nullForwarderFile } from "../lab/programs.ts"
import { steadyLoad } from "../lab/steady-load.ts"

const seconds = 20

describe("certificates that are renewed under load", function () {
  this.timeout(120_000)
  before(needsPrivilege)

  it(`fail none of up to 50 requests a second in ${seconds} s, while all of them and the root change`, async () => {
    const settings = { NSM_SVID_LIFETIME: "10s", NSM_ROOT_LIFETIME: "30s" }
    // However busy the machine is.
    const patience = { NSM_DIAL_TIMEOUT: "5s" }
    await using lab = await Lab.up({ authority: { settings }, settings: patience })
    const node = await lab.addNode("node-1", { forwarder: { file: nullForwarderFile } })
    const endpoint = await lab.addEndpoint("nse-1", node)
    await using clients = lab.clients(node)
    const { url: namespaceUrl } = endpoint.namespace

    const { source } = lab.identity
    assert.ok(source)
    const [certificates, roots] = [new Set<string>(), new Set<string>()]
    using _ = source.onChange(({ svid, bundles }) => {
      certificates.add(svid.certificates[0].serialNumber)
      for (const root of bundles.get("nsm.local") ?? []) roots.add(root.serialNumber)
    })

    const { times, failures } = await steadyLoad({ perSecond: 50, seconds }, async (index) => {
      const connection = await clients.request({ id: `client-${index}`, namespaceUrl })
      await clients.close(connection)
    })
    assert.deepEqual(failures.map(String), [])
    assert.ok(times.length >= 5 * seconds, `only ${times.length} requests`)
    assert.ok(certificates.size >= seconds / 5 - 1, `only ${certificates.size} certificates`)
    assert.ok(roots.size >= 2, `only ${roots.size} roots`)
  })
})
