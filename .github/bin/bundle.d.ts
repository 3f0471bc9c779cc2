import type { Metafile } from "esbuild"

/** What is bundled. */
export interface BundleOptions {
  /** The package's folder, from which paths are meant. */
  readonly folder: string
  readonly entry: string
  readonly outfile: string
}

/** Makes one file of a program, and gives what went in. */
export function bundle(options: BundleOptions): Promise<Metafile>
