/** What a reader of a tutorial does. */
export type Step = WriteFile | RunScript

/** Writes down a file that the tutorial shows. */
export interface WriteFile {
  readonly kind: "file"
  readonly name: string
  readonly text: string
  /** Line of the tutorial, for complaints. */
  readonly line: number
}

/** Types commands into a shell, and sees what the tutorial says. */
export interface RunScript {
  readonly kind: "script"
  readonly text: string
  /** What is to be seen; undefined where the tutorial does not say. */
  readonly output: string | undefined
  readonly line: number
}

interface Block {
  readonly language: string
  readonly text: string
  readonly line: number
}

/**
 * Reads what a reader does from a tutorial in Markdown. A block marked `sh` is a script, and a block
 * marked `text` right after it is its output. A block whose first line is a comment with the name of
 * a file is that file. Other blocks are only looked at.
 */
export function parseTutorial(markdown: string): readonly Step[] {
  const blocks = blocksOf(markdown)
  return blocks.flatMap((block, index): Step[] => {
    const { language, text, line } = block
    if (language === "sh") {
      const next = blocks[index + 1]
      return [
        { kind: "script", text, output: next?.language === "text" ? next.text : undefined, line },
      ]
    }
    const name = fileName(block)
    return name === undefined ? [] : [{ kind: "file", name, text, line }]
  })
}

function blocksOf(markdown: string): readonly Block[] {
  const blocks: Block[] = []
  let open: { language: string; lines: string[]; line: number } | undefined
  for (const [index, line] of markdown.split("\n").entries()) {
    const fence = /^```(\w*)$/.exec(line)
    if (!fence) open?.lines.push(line)
    else if (open) {
      blocks.push({ ...open, text: `${open.lines.join("\n")}\n` })
      open = undefined
    } else open = { language: fence[1] ?? "", lines: [], line: index + 1 }
  }
  return blocks
}

/** `// seats.ts` or `# lab.yaml`, with the ending that the language has. */
function fileName({ language, text }: Block): string | undefined {
  const [first = ""] = text.split("\n", 1)
  const name = /^(?:\/\/|#) ([\w-]+(?:\.[\w-]+)+)$/.exec(first)?.[1]
  return name?.endsWith(`.${language}`) ? name : undefined
}
