/** Whether a package is a program. */
export function isCommand(folder: string): boolean {
  return folder.startsWith("cmd-")
}

/** Whether a program serves a chain. The operator's command line is the one that does not. */
export function isDaemon(folder: string): boolean {
  return isCommand(folder) && folder !== "cmd-nsm"
}

/** Whether a package only tests others. */
export function isSuite(folder: string): boolean {
  return folder.startsWith("integration-")
}

/** Whether a package is the shared tooling itself. */
export function isTooling(folder: string): boolean {
  return folder === ".github"
}
