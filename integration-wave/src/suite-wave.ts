import { rehearse, type Rehearsal } from "@nsm/dot-github"

/** How far the wave of the tests goes: from stage to stage, to an integration package that has few before it. */
const to = "integration-simulation"

/**
 * Carries a release of api through a copy of the suite, without linters and tests. With all packages
 * and all tests it is a command: `npm run pipeline -- rehearse`.
 */
export function suiteWave(root: string): Promise<Rehearsal> {
  return rehearse({ root, to, isWithoutTests: true })
}
