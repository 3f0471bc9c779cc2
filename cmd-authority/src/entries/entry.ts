/** What a process has to be like; all that is named here has to fit. */
export interface Selectors {
  readonly uid?: number
  readonly gid?: number
  readonly pid?: number
  /** Path of its program, without links. */
  readonly exe?: string
  /** Path of the network namespace that it runs in, such as `/run/netns/blue`. */
  readonly netns?: string
}

/** An id, and which processes get it. */
export interface Entry {
  readonly id: string
  readonly selectors: Selectors
}
