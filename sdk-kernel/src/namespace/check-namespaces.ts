import { closeSync, openSync } from "node:fs"
import { currentNamespacePath } from "./network-namespace.ts"
import { checkWayBack } from "./way-back.ts"

/** Fails with PRIVILEGE_MISSING where this process may not go into other network namespaces. */
export function checkNamespaces(): void {
  const home = openSync(currentNamespacePath, "r")
  try {
    checkWayBack(home, "enter the namespaces of workloads")
  } finally {
    closeSync(home)
  }
}
