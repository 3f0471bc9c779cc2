import { NsmError } from "@nsm/sdk"
import { createNamespace } from "../namespace/create-namespace.ts"

/** Skips a test, saying why, where this process may not make network namespaces. */
export function requirePrivilege(test: Mocha.Context): void {
  try {
    createNamespace()[Symbol.dispose]()
  } catch (failure) {
    const { reason, message } = NsmError.from(failure)
    if (reason !== "PRIVILEGE_MISSING") throw failure
    test["skipReason"] = message
    test.skip()
  }
}
