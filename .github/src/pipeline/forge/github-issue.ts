import type { Issue } from "./issue.ts"

/** An issue as GitHub's command line prints it. */
export interface IssueOnGitHub {
  readonly number: number
  readonly title: string
  readonly body: string
}

/** The body of an issue; what only the pipeline needs is not shown. */
export function bodyOf({ folder, key, text, updates }: Issue): string {
  return `${text}${begin}${JSON.stringify({ folder, key, updates })}${end}`
}

/** The pipeline's issue; none where a person has taken away what says that it is one. */
export function issueOf({ title, body }: IssueOnGitHub): readonly Issue[] {
  // Whoever edits an issue in a browser sends other line ends.
  const whole = body.replaceAll("\r\n", "\n")
  const at = whole.lastIndexOf(begin)
  if (at === -1) return []
  const text = whole.slice(0, at)
  const mark = whole.slice(at + begin.length)
  const known = JSON.parse(mark.slice(0, mark.indexOf(end))) as Omit<Issue, "title" | "text">
  return [{ ...known, title, text }]
}

const begin = "\n\n<!-- pipeline "
const end = " -->"
