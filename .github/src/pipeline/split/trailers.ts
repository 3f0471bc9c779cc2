/** Says in the commit that makes a folder work alone which one of the suite it was split from. */
export const splitFrom = "Split-From"
/** Says in that commit which folder it was. */
export const splitFolder = "Split-Folder"
/** Says in a commit of the suite which one of the split repository it is. */
export const joinedFrom = "Joined-From"

/** What `git log` prints of all trailers of that name. */
export const trailerFormat = (key: string): string =>
  `%(trailers:key=${key},valueonly,separator=%x20)`
