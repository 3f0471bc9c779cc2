import { readFile, writeFile } from "node:fs/promises"
import { text } from "node:stream/consumers"
import {
  fromNode,
  NsmError,
  parsePathRecord,
  type PathRecord,
  type TrustBundles,
  verifyPathRecord,
} from "@nsm/sdk"
import { ask } from "../session/control.ts"
import { sessionDirectory } from "../session/directory.ts"
import { type Format, print, printJson } from "../view/output.ts"
import { pathTable } from "../view/path-table.ts"

/** Writes down which hops a wire passes, with what proves it: to a file, or to standard output. */
export async function exportPath(
  name: string,
  { wire, file }: { wire: string; file: string | undefined },
): Promise<void> {
  const record = await ask<PathRecord>(sessionDirectory(name), "path", { wire })
  if (file === undefined || file === "-") return printJson(record)
  // Whoever has a token may show it, until it ends, to the one that it is for.
  await writeFile(file, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 }).catch(
    (thrown: unknown) => {
      throw fromNode(thrown, `write ${file}`)
    },
  )
}

/** Where the roots of a trust domain are. */
export interface BundleFile {
  readonly trustDomain: string
  readonly file: string
}

/** Proves a record without a network, and prints what is proven of each hop. Fails unless all is. */
export async function verifyPath(
  file: string,
  { bundles: files, format }: { bundles: readonly BundleFile[]; format: Format },
): Promise<void> {
  const record = parsePathRecord(await read(file))
  const verdicts = verifyPathRecord(record, await readBundles(files))
  const open = verdicts.filter(({ problems }) => problems.length > 0)
  const isProven = verdicts.length > 0 && open.length === 0
  if (format === "json") {
    const { takenAt, connection } = record
    printJson({ schemaVersion: 1, proven: isProven, takenAt, connection, hops: verdicts })
  } else print(pathTable(record, verdicts))
  if (isProven) return
  const unknown = record.trustDomains.filter(
    (domain) => !files.some(({ trustDomain }) => trustDomain === domain),
  )
  throw new NsmError(
    "TOKEN_INVALID",
    verdicts.length === 0
      ? `${file} has no hops, so nothing is proven`
      : `${open.length} of ${verdicts.length} hops are not proven`,
    unknown.length > 0
      ? {
          remedy: `Give the roots: ${unknown.map((domain) => `--bundle ${domain}=FILE`).join(" ")}`,
        }
      : { remedy: "Take the path down anew: nsm path export" },
  )
}

async function readBundles(files: readonly BundleFile[]): Promise<TrustBundles> {
  // Loaded only here, for it brings a maker of certificates along.
  const { readBundle } = await import("@nsm/sdk/authority")
  const bundles = new Map<string, ReturnType<typeof readBundle>>()
  for (const { trustDomain, file } of files) {
    const roots = readBundle(await read(file), file)
    bundles.set(trustDomain, [...(bundles.get(trustDomain) ?? []), ...roots])
  }
  return bundles
}

async function read(file: string): Promise<string> {
  if (file === "-") return await text(process.stdin)
  return await readFile(file, "utf8").catch((thrown: unknown) => {
    throw new NsmError("INVALID_CONFIGURATION", `${file} cannot be read`, {
      cause: fromNode(thrown, `read ${file}`),
    })
  })
}
