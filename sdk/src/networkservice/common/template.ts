/**
 * Fills a template of match rules: the part of Go's text/template that they use, over labels.
 * `{{.name}}` is the label, `<no value>` if there is none; `{{ index . "name" }}` is the label or
 * nothing; a `-` inside the braces takes the blanks beside them away. Undefined for anything else.
 */
export function fillTemplate(
  template: string,
  labels: Readonly<Record<string, string>>,
): string | undefined {
  if (template.length > longest) return undefined
  let filled = ""
  let from = 0
  let isTrimmed = false
  for (const action of template.matchAll(actions)) {
    const [whole, trimsBefore, body = "", trimsAfter] = action
    const value = evaluate(body.trim(), labels)
    if (value === undefined) return undefined
    filled +=
      trimmed(template.slice(from, action.index), isTrimmed, trimsBefore !== undefined) + value
    from = action.index + whole.length
    isTrimmed = trimsAfter !== undefined
  }
  const rest = template.slice(from)
  return rest.includes("{{") ? undefined : filled + trimmed(rest, isTrimmed, false)
}

/** Unclosed braces take time in the square of their number, and rules come from anybody. */
const longest = 1024
const actions = /\{\{(-(?=\s))?((?:"(?:[^"\\\n]|\\.)*"|`[^`]*`|(?!\}\})[^"`])*?)((?<=\s)-)?\}\}/g
const field = /^\.([\p{L}_][\p{L}\p{Nd}_]*)$/u
const indexed = /^index\s+\.\s+("(?:[^"\\\n]|\\.)*"|`[^`]*`)$/

function evaluate(body: string, labels: Readonly<Record<string, string>>): string | undefined {
  const name = field.exec(body)?.[1]
  if (name !== undefined) return labelOf(labels, name) ?? "<no value>"
  const quoted = indexed.exec(body)?.[1]
  const key = quoted === undefined ? undefined : unquoted(quoted)
  return key === undefined ? undefined : (labelOf(labels, key) ?? "")
}

function labelOf(labels: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(labels, name) ? labels[name] : undefined
}

function unquoted(text: string): string | undefined {
  if (text.startsWith("`")) return text.slice(1, -1)
  try {
    return String(JSON.parse(text))
  } catch {
    return undefined
  }
}

function trimmed(text: string, atStart: boolean, atEnd: boolean): string {
  const later = atStart ? text.trimStart() : text
  return atEnd ? later.trimEnd() : later
}
