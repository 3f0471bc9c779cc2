import { Mesh, allOn } from "../lab/mesh.ts"
import { examineMesh } from "./examine-mesh.ts"
import { terminalReport } from "./table.ts"
const side = process.argv[2] as "go"
const want = process.argv.slice(3)
await using mesh = await Mesh.up({ sides: allOn(side) })
for (const r of await examineMesh(mesh, want.length ? (want as never) : undefined))
  console.log(
    terminalReport(r)
      .split("\n")
      .filter((l) => !l.startsWith("pass"))
      .join("\n"),
  )
if (process.env["LOGS"]) console.log(mesh.logs)
