/**
 * Every reason for which a step of the pipeline can fail, and what to do about it. A reason is a
 * stable name; texts may change, names may not.
 */
// One line each, as in a table:
// oxfmt-ignore
export const reasons = {
  // what the manifests say
  VERSION_MISSING: "Give the package a version of three numbers in its package.json.",
  RANGE_IMPOSSIBLE: "Name a released version: 1.2.3, ^1.2.3, ~1.2.3 or >=1.2.3, with or without an upper end.",
  DEPENDENCY_CYCLE: "Take one of the dependencies away, or move what both need into a package above them.",
  DIRECTION_FORBIDDEN: "Depend only on packages of the stages before; see .github/src/shape/directions.ts.",
  PACKAGE_UNKNOWN: "Name a package or its folder as `npm run pipeline -- graph` does.",
} as const

/** The stable name of an error's cause. */
export type Reason = keyof typeof reasons
