import type { Check } from "../check.ts"
import { contentsChecks } from "./registry-contents.ts"
import { findChecks } from "./registry-find.ts"
import { pathChecks } from "./registry-path.ts"
import { refusalsChecks } from "./registry-refusals.ts"
import { removalChecks } from "./registry-removal.ts"
import { renewalChecks } from "./registry-renewal.ts"

/** Registering, finding and taking out. */
export const registryChecks: readonly Check[] = [
  ...pathChecks,
  ...renewalChecks,
  ...refusalsChecks,
  ...findChecks,
  ...removalChecks,
  ...contentsChecks,
]
