import { requirePrivilege } from "./require-privilege.ts"

/** Takes back what a test made. */
export type Cleanup = Pick<AsyncDisposableStack, "use" | "defer">

/**
 * For a suite that makes things in the kernel: what its tests hand over is taken back after each of them,
 * and the suite is skipped, saying why, where this process may not make network namespaces.
 */
export function kernelSuite(): Cleanup {
  let made: AsyncDisposableStack
  before(function () {
    requirePrivilege(this)
  })
  beforeEach(() => {
    made = new AsyncDisposableStack()
  })
  afterEach(() => made.disposeAsync())
  return { use: (one) => made.use(one), defer: (takeBack) => made.defer(takeBack) }
}
