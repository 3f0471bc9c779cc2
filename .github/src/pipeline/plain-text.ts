import { homedir, tmpdir } from "node:os"
import { stripVTControlCharacters } from "node:util"
import { withoutSecrets } from "./without-secrets.ts"

/** What a program said, as it can be shown to anybody: without colours, secrets and where it ran. */
export function plainText(text: string): string {
  const plain = stripVTControlCharacters(text).replaceAll("\r", "")
  return withoutPlaces(withoutSecrets(plain))
}

/** Paths become what they are in the package, or only a name. */
function withoutPlaces(text: string): string {
  const roots = [tmpdir(), homedir(), process.cwd(), "/home", "/Users", "/usr", "/var", "/opt"]
  const first = new Set(roots.map((path) => path.split("/")[1] ?? ""))
  return text
    .replaceAll(/https?:\/\/(127\.0\.0\.1|localhost|\[::1\]):\d+\/([0-9a-f]{40,}\/)?/g, "registry:")
    .replaceAll(
      /(?<![\w.~/-])(?:file:\/\/)?\/([\w.@+-]+)\/([^\s:;,'"`()[\]<>]*)/g,
      (path, root: string) => (first.has(root) ? insideOf(path) : path),
    )
}

function insideOf(path: string): string {
  const [, inside] =
    /\/(node_modules\/.*)$/.exec(path) ?? /\/nsm-[\w-]+\/builds\/\w+\/(.*)$/.exec(path) ?? []
  return inside ?? `…/${path.replace(/\/$/, "").split("/").at(-1)}`
}
