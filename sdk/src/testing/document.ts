import { readFileSync, writeFileSync } from "node:fs"
import assert from "node:assert/strict"

/** A text that is printed from the source and committed. */
export interface PrintedText {
  readonly file: URL
  /**
   * Name of the part between `<!-- name -->` and `<!-- /name -->`.
   * @default the whole file
   */
  readonly section?: string
  /** What the file has to say. */
  readonly text: string
}

/** Asserts that a committed document says what the source says; NSM_WRITE_DOCS=1 makes it so. */
export function assertPrinted({ file, section, text }: PrintedText): void {
  const found = readFileSync(file, "utf8")
  const wanted = section === undefined ? `${text}\n` : withSection(found, section, text)
  if (process.env["NSM_WRITE_DOCS"] === "1") writeFileSync(file, wanted)
  else assert.equal(found, wanted, "the document is behind; run this with NSM_WRITE_DOCS=1")
}

function withSection(document: string, section: string, text: string): string {
  const [open, close] = [`<!-- ${section} -->`, `<!-- /${section} -->`]
  const [start, end] = [document.indexOf(open), document.indexOf(close)]
  assert.ok(start >= 0 && end > start, `the document has no ${open} … ${close}`)
  return `${document.slice(0, start + open.length)}\n\n${text}\n\n${document.slice(end)}`
}
