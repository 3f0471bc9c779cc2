/** An image that has been built, as files beside each other. */
export interface Image {
  /** The folder of its command. */
  readonly name: string
  readonly version: string
  /** The digest of its manifest, by which registries know it. */
  readonly digest: string
  /** Unpacked. */
  readonly bytes: number
  readonly compressedBytes: number
  readonly user: string
  readonly capabilities: readonly string[]
  /** The image, as an OCI archive. */
  readonly archive: string
  /** What is in it, in CycloneDX's form. */
  readonly sbom: string
  /** How it was made, in SLSA's form. */
  readonly provenance: string
}
