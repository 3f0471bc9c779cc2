import type { X509Certificate } from "node:crypto"
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { formatPem, fromNode, isTrustDomain, NsmError } from "@nsm/sdk"
import { table } from "../view/table.ts"
import type { Format } from "../view/output.ts"

// What makes and reads certificates is loaded by the command that needs it: the others start without.
const load = () => import("@nsm/sdk/authority")

interface Roots {
  readonly trustDomain: string
  readonly own: boolean
  readonly roots: readonly X509Certificate[]
}

/** Shows whom an authority has everyone believe: its own roots, and those of joined trust domains. */
export async function showBundles(directory: string, format: Format): Promise<string> {
  const all = [await ownRoots(directory), ...(await joinedRoots(directory))]
  const rows = all.flatMap(({ trustDomain, own, roots }) =>
    roots.map(({ fingerprint256: fingerprint, validToDate }) => ({
      trustDomain,
      own,
      fingerprint,
      expiresAt: validToDate.toISOString(),
    })),
  )
  if (format === "json") return JSON.stringify({ schemaVersion: 1, roots: rows }, null, 2)
  return table(
    ["TRUST DOMAIN", "", "ROOT (SHA-256)", "ENDS"],
    rows.map((row) => [
      row.trustDomain,
      row.own ? "own" : "joined",
      row.fingerprint,
      row.expiresAt,
    ]),
  )
}

/** The own roots, for others to join: PEM, or SPIFFE's bundle format. */
export async function exportBundle(directory: string, as: "pem" | "spiffe"): Promise<string> {
  const { roots } = await ownRoots(directory)
  if (as === "pem") return formatPem(roots).trimEnd()
  const { bundleDocument } = await load()
  return JSON.stringify(bundleDocument(roots), null, 2)
}

/** Has everyone believe another trust domain's roots, too. Says what has been done. */
export async function joinDomain(
  directory: string,
  { file, domain }: { readonly file: string; readonly domain?: string | undefined },
): Promise<string> {
  const { readBundle } = await load()
  const { trustDomain: own } = await ownRoots(directory)
  const roots = readBundle(await read(file), file)
  const trustDomain = domain ?? domainOf(roots, file)
  if (!isTrustDomain(trustDomain)) throw refused(`"${trustDomain}" is no trust domain`)
  if (trustDomain === own) {
    throw refused(
      `${file} is of ${own} itself, whose authority this is: exchange it for the other's`,
    )
  }
  const folder = join(directory, "trust.d")
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await rm(join(folder, `${trustDomain}.json`), { force: true })
  // In one piece, for the authority follows the folder.
  const next = join(folder, `.${trustDomain}.next`)
  await writeFile(next, formatPem(roots), { mode: 0o600 })
  await rename(next, join(folder, `${trustDomain}.pem`))
  return [
    `${own} believes ${trustDomain} now, by ${roots.length} root${roots.length === 1 ? "" : "s"}.`,
    `The other side joins with what \`nsm trust bundle export\` prints here.`,
  ].join("\n")
}

/** Has nobody believe another trust domain's roots any more. */
export async function leaveDomain(directory: string, trustDomain: string): Promise<string> {
  const files = ["pem", "json"].map((ending) => `${trustDomain}.${ending}`)
  const folder = join(directory, "trust.d")
  const there = (await joinedFiles(folder)).filter((file) => files.includes(file))
  if (there.length === 0) throw refused(`${trustDomain} is not joined`)
  await Promise.all(there.map((file) => rm(join(folder, file))))
  return `${trustDomain} is believed no more; what it has connected stays until it connects anew.`
}

/** A request to a shared root, in PEM. */
export async function requestCertificate(
  directory: string,
  { domain }: { readonly domain?: string | undefined },
): Promise<string> {
  const { readState, requestIntermediate } = await load()
  const trustDomain = domain ?? (await readState(directory)).trustDomain
  if (!isTrustDomain(trustDomain)) throw refused(`"${trustDomain}" is no trust domain`)
  return (await requestIntermediate({ directory, trustDomain })).trimEnd()
}

/** Signs a request with the root that an authority has; gives the certificates in PEM. */
export async function signRequest(
  directory: string,
  { file, lifetimeMs }: { readonly file: string; readonly lifetimeMs: number },
): Promise<string> {
  const { createAuthority, readState, signIntermediate } = await load()
  const state = await readState(directory)
  const { trustDomain } = state
  // Only to find out which root signs now: what it keeps is not touched.
  using authority = await createAuthority(state)
  const kept = state.issuers.some(({ certificate }) => certificate === authority.issuer.certificate)
  if (!kept) throw refused(`the roots in ${directory} have all ended: start the authority anew`)
  const request = await read(file)
  const options = { request, issuer: authority.issuer, trustDomain, now: Date.now(), lifetimeMs }
  return (await signIntermediate(options)).trimEnd()
}

async function ownRoots(directory: string): Promise<Roots> {
  const { readState } = await load()
  const { trustDomain, issuers } = await readState(directory)
  const now = Date.now()
  const roots = new Map(issuers.map(({ root }) => [root.fingerprint256, root]))
  const valid = [...roots.values()].filter(({ validToDate }) => validToDate.getTime() > now)
  return { trustDomain, own: true, roots: valid }
}

async function joinedRoots(directory: string): Promise<readonly Roots[]> {
  const { readBundle } = await load()
  const folder = join(directory, "trust.d")
  const files = await joinedFiles(folder)
  return Promise.all(
    files.map(async (file) => ({
      trustDomain: file.replace(/\.(pem|json)$/, ""),
      own: false,
      roots: readBundle(await read(join(folder, file)), file),
    })),
  )
}

async function joinedFiles(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((): string[] => [])
  return names.filter((name) => /^[^.].*\.(pem|json)$/.test(name)).toSorted()
}

/** Roots of SPIFFE name their trust domain, so that nobody has to type it. */
function domainOf(roots: readonly X509Certificate[], file: string): string {
  const found = roots.map(
    ({ subjectAltName = "" }) => /URI:spiffe:\/\/([^/,]+)(?:,|$)/.exec(subjectAltName)?.[1],
  )
  const [domain] = found
  if (domain !== undefined && found.every((one) => one === domain)) return domain
  throw refused(`${file} does not say of which trust domain it is: name it with --domain`)
}

async function read(file: string): Promise<string> {
  if (file === "-") return await text(process.stdin)
  return await readFile(file, "utf8").catch((thrown: unknown) => {
    throw new NsmError("INVALID_CONFIGURATION", `${file} cannot be read`, {
      cause: fromNode(thrown, `read ${file}`),
    })
  })
}

function refused(why: string): NsmError {
  return new NsmError("INVALID_CONFIGURATION", why)
}
