import { git } from "../git.ts"

/** Where the repository that a checkout came from can be read on the web, if it can. */
export async function webAddress(root: string): Promise<string | undefined> {
  const url = await git(root, ["remote", "get-url", "origin"]).catch(() => "")
  const [, host, path] =
    /^(?:https:\/\/(?:[^@/]*@)?|(?:ssh:\/\/)?git@)([^/:]+)[/:](.+?)(?:\.git)?\/?$/.exec(url) ?? []
  return host === undefined ? undefined : `https://${host}/${path}`
}
