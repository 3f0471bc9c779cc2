/** What the pipeline has to say to a package: that its release broke others. */
export interface Issue {
  /** Whose issue it is. */
  readonly folder: string
  /** The same for the same cause. */
  readonly key: string
  readonly title: string
  /** What broke, and what is suspected, as Markdown. */
  readonly text: string
  /** The branches of the updates that it stops. */
  readonly updates: readonly string[]
}
