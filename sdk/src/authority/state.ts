import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto"
import { chmod, mkdir, readFile, stat } from "node:fs/promises"
import { dirname, join } from "node:path"
import { NsmError } from "../core/errors.ts"
import { errno, fromNode } from "../transport/node-error.ts"
import type { Issuer } from "./issuer.ts"
import { writeSecret } from "./write-secret.ts"

/** What an authority keeps between its starts. */
export interface AuthorityState {
  readonly issuers: readonly Issuer[]
  /** Keeps other issuers from now on. */
  keep(issuers: readonly Issuer[]): Promise<void>
}

/** Where the state lies, and whose it is. */
export interface StateOptions {
  readonly directory: string
  readonly trustDomain: string
}

const fileName = "authority.json"

interface Written {
  readonly trustDomain: string
  readonly issuers: readonly {
    /** PEM: the issuer's, those above it, and the root. */
    readonly certificates: readonly string[]
    /** PEM, PKCS#8. */
    readonly privateKey: string
  }[]
}

/**
 * Opens the folder in which an authority keeps its keys; makes it where there is none. Fails with
 * INVALID_CONFIGURATION where others may read it, and when what lies there is not what was written.
 */
export async function openState({ directory, trustDomain }: StateOptions): Promise<AuthorityState> {
  await ownFolder(directory)
  const path = join(directory, fileName)
  const text = await secretText(path)
  return {
    issuers: text === undefined ? [] : issuersIn(text, { path, trustDomain }),
    async keep(issuers) {
      const written: Written = { trustDomain, issuers: issuers.map(write) }
      await writeSecret(path, `${JSON.stringify(written, undefined, 2)}\n`)
    },
  }
}

/** What an authority keeps, and for which trust domain. Fails where none has kept anything. */
export async function readState(
  directory: string,
): Promise<Pick<AuthorityState, "issuers"> & { readonly trustDomain: string }> {
  const path = join(directory, fileName)
  const text = await secretText(path)
  if (text === undefined) {
    throw new NsmError("INVALID_CONFIGURATION", `no authority keeps its keys in ${directory}`, {
      remedy: "Name the folder of its keys, or start it once, which makes them.",
    })
  }
  const { trustDomain } = parsed(text, path)
  return { trustDomain, issuers: issuersIn(text, { path, trustDomain }) }
}

/** The text of a file that only its owner may read; undefined when there is none. */
export async function secretText(path: string): Promise<string | undefined> {
  try {
    await ownersOnly(path)
    return await readFile(path, "utf8")
  } catch (thrown) {
    if (errno(thrown) === "ENOENT") return undefined
    throw fromNode(thrown, `read ${path}`)
  }
}

/** Makes a folder that only its owner may enter, unless it is there; then it has to be like that. */
export async function ownFolder(directory: string): Promise<void> {
  try {
    await mkdir(dirname(directory), { recursive: true })
    const isThere = await mkdir(directory, { mode: 0o700 }).then(
      () => false,
      (thrown: unknown) => {
        if (errno(thrown) === "EEXIST") return true
        throw thrown
      },
    )
    // What is made here, is made whatever the umask says.
    if (!isThere) await chmod(directory, 0o700)
    await ownersOnly(directory)
  } catch (thrown) {
    throw fromNode(thrown, `open the authority's folder ${directory}`)
  }
}

async function ownersOnly(path: string): Promise<void> {
  const { mode, uid } = await stat(path)
  if (mode & 0o077) {
    const octal = (mode & 0o777).toString(8)
    throw new NsmError(
      "INVALID_CONFIGURATION",
      `others than its owner may use ${path}, which holds keys (mode ${octal}): have a look who did, then run chmod go= ${path}`,
    )
  }
  const own = process.geteuid?.()
  if (uid !== own) {
    throw new NsmError(
      "INVALID_CONFIGURATION",
      `${path}, which holds keys, belongs to user ${uid}, but this process runs as ${own}`,
    )
  }
}

function write({ certificate, above, root, privateKey }: Issuer): Written["issuers"][number] {
  const chain = certificate === root ? [root] : [certificate, ...above, root]
  return {
    certificates: chain.map((each) => each.toString()),
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  }
}

function issuersIn(
  text: string,
  { path, trustDomain }: { path: string; trustDomain: string },
): readonly Issuer[] {
  const written = parsed(text, path)
  if (written.trustDomain !== trustDomain) {
    throw new NsmError(
      "INVALID_CONFIGURATION",
      `${path} is of the trust domain "${written.trustDomain}", not "${trustDomain}": give each its own folder`,
    )
  }
  return written.issuers.map(({ certificates, privateKey }, index) => {
    const what = `issuer ${index} in ${path}`
    return readIssuer(certificates, readKey(privateKey, what), what)
  })
}

/** Puts an issuer together from its certificates, the root last, and checks that they are of one piece. */
export function readIssuer(pems: readonly string[], privateKey: KeyObject, what: string): Issuer {
  const chain = pems.map((pem) => readCertificate(pem, what))
  const [certificate] = chain
  const root = chain.at(-1)
  if (!certificate || !root) throw corrupt(`${what} has no certificate`)
  if (!certificate.checkPrivateKey(privateKey)) {
    throw corrupt(`key and certificate of ${what} do not belong together`)
  }
  for (const [index, one] of chain.entries()) {
    const signer = chain[index + 1] ?? root
    if (!one.ca || !one.checkIssued(signer) || !one.verify(signer.publicKey)) {
      throw corrupt(`certificate ${index} of ${what} was not signed by the one behind it`)
    }
  }
  return { certificate, privateKey, above: chain.slice(1, -1), root }
}

function parsed(text: string, path: string): Written {
  try {
    const written = JSON.parse(text) as Written
    const isWhole =
      typeof written.trustDomain === "string" &&
      written.issuers.every(
        ({ certificates, privateKey }) =>
          Array.isArray(certificates) && typeof privateKey === "string",
      )
    if (isWhole) return written
  } catch {
    // Without the cause: it would quote what is in the file.
  }
  throw corrupt(`${path} is not what an authority has written`)
}

/** Reads an EC P-256 key in PEM. Nothing of it goes into the error. */
export function readKey(pem: string, what: string): KeyObject {
  try {
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyDetails?.namedCurve === "prime256v1") return key
  } catch {
    // Said below.
  }
  throw corrupt(`the key of ${what} is no EC P-256 key`)
}

function readCertificate(pem: string, what: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch (cause) {
    throw corrupt(`a certificate of ${what} cannot be read`, cause)
  }
}

function corrupt(text: string, cause?: unknown): NsmError {
  return new NsmError(
    "INVALID_CONFIGURATION",
    `${text}: bring back a copy, or remove it, which makes a new root that everyone has to learn`,
    { cause },
  )
}
