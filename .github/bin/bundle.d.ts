import type { Metafile } from "esbuild"

/** What is bundled. */
export interface BundleOptions {
  /** The package's folder, from which paths are meant. */
  readonly folder: string
  readonly entry: string
  readonly outfile: string
}

/** A program of a package: what it begins with, and the file that is made of it; paths within the package. */
export interface Program {
  readonly entry: string
  readonly file: string
}

/** The programs of a package that has been built: its command, and what that starts. */
export function programs(folder: string): readonly [command: Program, ...further: Program[]]

/** Makes one file of a program, and gives what went in. */
export function bundle(options: BundleOptions): Promise<Metafile>
