/** Something that is wrong in a topology: the way to the field, and what. */
export interface Problem {
  readonly path: readonly string[]
  readonly what: string
}
