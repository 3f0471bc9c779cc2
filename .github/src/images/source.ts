import { git } from "../pipeline/git.ts"

/** Which sources an image is made of. */
export interface Source {
  /** The commit; undefined outside a repository. */
  readonly commit?: string
  /** Whether files differ from the commit. */
  readonly isChanged: boolean
  /** When the commit was made, in seconds; the time of everything in the image. */
  readonly seconds: number
  /** Where the repository is on the web, if the checkout came from there. */
  readonly url?: string
}

/** Asks git. SOURCE_DATE_EPOCH says another time, as reproducible-builds.org has it. */
export async function sourceOf(
  folder: string,
  { SOURCE_DATE_EPOCH: epoch }: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Source> {
  const head = await git(folder, ["log", "-1", "--format=%H %ct"]).catch(unlessOutside)
  const [commit = "", committed = "0"] = head.split(" ")
  const seconds = Number(epoch ?? committed)
  if (commit === "") return { isChanged: false, seconds }
  const changes = await git(folder, ["status", "--porcelain", "--untracked-files=no"])
  const url = webUrl(await git(folder, ["remote", "get-url", "origin"]).catch(() => ""))
  return { commit, isChanged: changes !== "", seconds, ...(url !== undefined && { url }) }
}

/** The commit as a label says it. */
export function revisionOf({ commit, isChanged }: Source): string | undefined {
  return commit === undefined || !isChanged ? commit : `${commit}-dirty`
}

/** Any other failure, such as that of a checkout that belongs to somebody else, is one. */
function unlessOutside(failure: Error): string {
  if (failure.message.includes("not a git repository")) return ""
  throw failure
}

/** Without who fetched it; undefined for a folder. */
function webUrl(remote: string): string | undefined {
  const form = /^(?:https:\/\/(?:[^/@]+@)?|ssh:\/\/git@|git@)([\w.-]+)[:/](.+?)(?:\.git)?$/
  const [, host, path] = form.exec(remote) ?? []
  return path === undefined ? undefined : `https://${host}/${path}`
}
