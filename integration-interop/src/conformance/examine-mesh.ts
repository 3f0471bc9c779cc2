import { fixedIdentity } from "@nsm/sdk/testing"
import { type Mesh, type Part, parts } from "../lab/mesh.ts"
import { checks } from "./checks.ts"
import { credentialsOf } from "./credentials.ts"
import { examine, type Report } from "./result.ts"
import { strangerTo } from "./stranger.ts"
import { Subject } from "./subject.ts"

/** Runs all checks on the parts of a mesh that has its own authority. */
export async function examineMesh(
  mesh: Mesh,
  wanted: readonly Part[] = parts,
): Promise<readonly Report[]> {
  const { trust, members } = mesh
  const as = credentialsOf(await trust.identity("conformance"))
  const reports: Report[] = []
  for (const role of wanted) {
    using subject = await Subject.at({
      ...{
        role,
        as,
        address: members[role].url,
        place: role === "forwarder" ? mesh.directory : "127.0.0.1",
      },
      other: credentialsOf(await trust.identity("somebody-else")),
      stranger: await strangerTo(as),
      manager: members.nsmgr.url,
      service: "icmp-responder",
      async forge(fault) {
        const { authority } = trust
        const { current } = await fixedIdentity({ id: as.id, authority, fault })
        return credentialsOf(current)
      },
    })
    reports.push(await examine(subject, checks))
  }
  return reports
}
