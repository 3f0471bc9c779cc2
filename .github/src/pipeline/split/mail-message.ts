import type { Scratch } from "./scratch.ts"
import { joinedFrom } from "./trailers.ts"

/** What a commit says, so that it stays whole in a mail, with the commit that it is. */
export async function mailMessage(copy: Scratch, commit: string): Promise<string> {
  const message = await copy.git(["show", "--no-patch", "--format=%B", commit])
  const lines = message.split("\n").map((line) => line.replace(ends, " $&"))
  const trailer = ["interpret-trailers", "--no-divider", "--trailer", `${joinedFrom}: ${commit}`]
  return copy.git(trailer, { input: lines.join("\n") })
}

/** In a mail these begin a patch, a header or the next mail. */
const ends = /^(diff -|Index: |---(\s|$)|From: |Date: |Subject: |From .*:\d\d)/
