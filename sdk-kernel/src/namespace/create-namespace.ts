import { closeSync, openSync } from "node:fs"
import { checked, CLONE_NEWNET, libc } from "../ffi/libc.ts"
import { checkWayBack, leaveTo } from "./way-back.ts"
import { currentNamespacePath, NetworkNamespace } from "./network-namespace.ts"

/** Makes an empty network namespace, which lives until its last handle, process and mount go. */
export function createNamespace(): NetworkNamespace {
  using home = ownNamespace()
  checkWayBack(home.fd, "create a network namespace")
  checked(libc.unshare(CLONE_NEWNET), {
    doing: "create a network namespace",
    needs: "CAP_SYS_ADMIN",
  })
  try {
    return ownNamespace("a new namespace")
  } finally {
    leaveTo(home.fd, "a new namespace")
  }
}

/** The network namespace that this thread is in. */
export function ownNamespace(origin = "the own namespace"): NetworkNamespace {
  const fd = openSync(currentNamespacePath, "r")
  try {
    return new NetworkNamespace(fd, origin)
  } catch (failure) {
    closeSync(fd)
    throw failure
  }
}
