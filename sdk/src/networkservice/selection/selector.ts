import { fillTemplate } from "../common/template.ts"

/** Labels of a client, an endpoint or a forwarder. */
export type Labels = Readonly<Record<string, string>>

/** The first label that keeps labels from having all that a selector names. */
export interface Misfit {
  readonly label: string
  /** What it should be; a template as it was filled in for the client. */
  readonly wanted: string
  /** What it is; absent where there is no such label. */
  readonly has?: string
}

/**
 * Tells of labels why they do not have all that a selector names, with the values that it names;
 * undefined where they do. A value may be a template over the client's labels.
 */
export function selector(wanted: Labels, client: Labels): (labels: Labels) => Misfit | undefined {
  const values = Object.entries(wanted).map(([label, value]) => {
    const filled = value.includes("{{") ? fillTemplate(value, client) : undefined
    return { label, value, filled }
  })
  return (labels) => {
    for (const { label, value, filled } of values) {
      const has = Object.hasOwn(labels, label) ? labels[label] : undefined
      if (has !== undefined && (has === value || has === filled)) continue
      return { label, wanted: filled ?? value, ...(has !== undefined && { has }) }
    }
    return undefined
  }
}
