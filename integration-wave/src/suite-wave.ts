import { rehearse, type Rehearsal } from "@nsm/dot-github"

/** How far the wave of the tests goes. */
const to = "integration-netns"

/**
 * Carries a release of api through a copy of the suite, without linters and tests. With all packages
 * and all tests it is a command: `npm run pipeline -- rehearse`.
 */
export function suiteWave(root: string): Promise<Rehearsal> {
  return rehearse({ root, to, isWithoutTests: true })
}
