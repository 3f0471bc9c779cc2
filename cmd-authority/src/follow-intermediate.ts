import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { type Clock, type Log, lookAgain } from "@nsm/sdk"
import { type Authority, readIntermediate } from "@nsm/sdk/authority"

/** Which authority is below a shared root. */
export interface FollowIntermediateOptions {
  readonly authority: Authority
  /** Where `intermediate.pem` is put, beside the key that it is for. It may be missing. */
  readonly directory: string
  readonly clock: Clock
  readonly log: Log
}

/**
 * Issues below a shared root as soon as there is a certificate from it, and follows its renewals; one
 * that cannot be used is warned about, and nothing changes.
 */
export async function followIntermediate({
  authority,
  directory,
  clock,
  log,
}: FollowIntermediateOptions): Promise<AsyncDisposable> {
  const path = join(directory, "intermediate.pem")
  const { trustDomain } = authority
  let seen = ""
  const look = async (): Promise<void> => {
    const text = await textOf(path)
    if (text === seen) return
    seen = text
    if (text === "") return
    try {
      const issuer = await readIntermediate(text, { directory, trustDomain })
      await authority.adopt(issuer)
      const expiresAt = issuer.certificate.validToDate.toISOString()
      log.info("issuing below a shared root", { path, expiresAt })
    } catch (error) {
      log.warn("the certificate from the shared root cannot be used", { path, error })
    }
  }
  return lookAgain(look, { clock })
}

/** Nothing where there is no file; what cannot be read is no certificate either, and so warned about. */
async function textOf(path: string): Promise<string> {
  return readFile(path, "utf8").catch((thrown: unknown) => {
    const { code, message } = thrown as NodeJS.ErrnoException
    return code === "ENOENT" ? "" : message
  })
}
