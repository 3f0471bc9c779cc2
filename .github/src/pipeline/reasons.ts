/**
 * Every reason for which a step of the pipeline can fail, and what to do about it. A reason is a
 * stable name; texts may change, names may not.
 */
// One line each, as in a table:
// oxfmt-ignore
export const reasons = {
  // what the manifests say
  MANIFEST_UNREADABLE: "Make the file that the message names JSON again.",
  VERSION_MISSING: "Give the package a version of three numbers in its package.json.",
  RANGE_IMPOSSIBLE: "Name a released version: 1.2.3, ^1.2.3, ~1.2.3 or >=1.2.3, with or without an upper end.",
  DEPENDENCY_CYCLE: "Take one of the dependencies away, or move what both need into a package above them.",
  DIRECTION_FORBIDDEN: "Depend only on packages of the stages before; see .github/src/shape/directions.ts.",
  // what a release comes upon
  TAG_TAKEN: "Remove the tag if it was never released, or raise the version.",
  VERSIONING_FAILED: "Correct the release note or the settings in .changeset that the message names.",
  // what a package alone comes upon
  CHECK_FAILED: "See what failed; `npm run pipeline -- status` shows which release it came with.",
  RELEASE_MISSING: "Release that version, or name one that has been released.",
  LOCK_UNFIT: "Run `npm install` at the root of the suite and commit package-lock.json.",
  REGISTRY_UNREACHABLE: "Check the network, or run `npm ci` at the root once: what npm keeps is enough.",
  // what split and join come upon
  TREE_DIRTY: "Commit what has changed there, or put it away, and run again.",
  TARGET_TAKEN: "Give --into an empty folder, or one that does not exist yet.",
  SPLIT_UNKNOWN: "Give --from a repository that `npm run pipeline -- split` made of that folder of this suite.",
  JOIN_CONFLICT: "Rebase the repository, as a line of commits, onto a newer split of the folder, and join that.",
  // what git and the forge say
  GIT_FAILED: "See what git says; the next run goes on where this one stopped.",
  FORGE_UNREACHABLE: "Check the address and the network; the next run goes on where this one stopped.",
  PUSH_REFUSED: "See why the forge refuses, such as missing rights or a protected branch, and run again.",
  FORGE_REFUSED: "See what the forge says: rights, or a proposal that is not there any more.",
  BRANCH_MOVED: "Somebody else pushed meanwhile. Run again: it begins with what is there now.",
  COMMAND_MISSING: "Install the command that the message names.",
  INTERRUPTED: "Run again: the next run goes on where this one stopped.",
  TIMED_OUT: "Run again; when it happens again, see what hangs.",
  // what images are built with
  NOT_BUILT: "Build it with: npm run build",
  IMAGE_FAILED: "See what the command says that the message names.",
  // what a command line wants
  FORGE_UNKNOWN: "Give --forge the folder of a bare repository, or github:owner/name.",
  COMMIT_UNKNOWN: "Name a commit, branch or tag that the forge has; an update that has been replaced is gone.",
  WAVE_UNKNOWN: "Name the release that began the wave, as `npm run pipeline -- status -o json` does.",
  UPDATE_UNKNOWN: "Name the branch of an update that is open, as `npm run pipeline -- status` does.",
  PACKAGE_UNKNOWN: "Name a package or its folder as `npm run pipeline -- graph` does.",
} as const

/** The stable name of an error's cause. */
export type Reason = keyof typeof reasons
