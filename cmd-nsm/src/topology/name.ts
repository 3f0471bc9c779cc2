/** What names of playgrounds, nodes and workloads look like; they become names of files. */
export const namePattern = "^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$"

/** The pattern in words. */
export const nameForm =
  "must be 1 to 40 small letters, digits and hyphens, with no hyphen at either end"

/** Whether a text can be a name. */
export function isName(text: string): boolean {
  return new RegExp(namePattern).test(text)
}
