/** Who made a commit and when, in the environment in which git makes another one. */
export async function whose(
  git: (args: readonly string[]) => Promise<string>,
  commit: string,
): Promise<Readonly<Record<string, string>>> {
  const show = ["show", "--no-patch", "--date=raw", "--format=%an%n%ae%n%ad", commit]
  const [name = "", email = "", date = ""] = (await git(show)).split("\n")
  return {
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email,
    GIT_COMMITTER_DATE: date,
  }
}
