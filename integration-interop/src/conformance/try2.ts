import { Mesh, allOn } from "../lab/mesh.ts"
import { checks } from "./checks.ts"
import { credentialsOf } from "./credentials.ts"
import { examine } from "./result.ts"
import { strangerTo } from "./stranger.ts"
import { Subject } from "./subject.ts"
const [side, role, only = ""] = process.argv.slice(2)
await using mesh = await Mesh.up({ sides: allOn(side as "go") })
const as = credentialsOf(await mesh.trust.identity("conformance"))
using subject = await Subject.at({
  role: role as "nse",
  as,
  address: mesh.members[role as "nse"].url,
  host: "127.0.0.1",
  other: credentialsOf(await mesh.trust.identity("somebody-else")),
  stranger: await strangerTo(as),
  manager: mesh.members.nsmgr.url,
  service: "icmp-responder",
})
for (const c of checks.filter((c) => c.id.startsWith(only))) {
  const t = Date.now()
  const {
    results: [r],
  } = await examine(subject, [c])
  if (r) console.log(r.verdict, r.id, r.seen, Date.now() - t)
}
if (process.env["LOGS"]) console.log(mesh.logs)
