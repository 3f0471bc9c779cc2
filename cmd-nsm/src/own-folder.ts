/** The folder of this package. Here, beside the program: in sources, in the build and in its one file alike. */
export const ownFolder = new URL("../", import.meta.url)

/** Whether sources run, which then start sources. */
export const isSource = import.meta.url.endsWith(".ts")
