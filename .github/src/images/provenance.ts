import type { Component } from "./component.ts"
import type { Source } from "./source.ts"

/** Who is said to be made of what. */
export interface ProvenanceOptions {
  /** The image, which is called as its command's folder. */
  readonly name: string
  readonly digest: string
  readonly source: Source
  /** The commands that took part, with their versions. */
  readonly builders: Readonly<Record<string, string>>
  readonly components: readonly Component[]
}

/**
 * How an image was made, as an in-toto statement with SLSA's provenance. It is not signed, and holds no
 * times of its own: whoever builds the same gets the same.
 */
export function provenance(options: ProvenanceOptions): object {
  const { name, digest, source, builders, components } = options
  const [, hex = ""] = digest.split(":")
  const { commit, isChanged, seconds } = source
  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name, digest: { sha256: hex } }],
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: {
        buildType: "urn:nsm:images:v1",
        externalParameters: { package: name, sourceDateEpoch: seconds },
        resolvedDependencies: [
          ...(commit === undefined ? [] : [sourceMaterial(commit, isChanged)]),
          ...components.map(material),
        ],
      },
      runDetails: { builder: { id: "urn:nsm:images", version: builders } },
    },
  }
}

function sourceMaterial(commit: string, isChanged: boolean): object {
  return {
    name: "source",
    digest: { gitCommit: commit },
    ...(isChanged && { annotations: { changed: "files differed from the commit" } }),
  }
}

function material({ name, purl, digest, originalDigest = digest }: Component): object {
  return { name, ...(purl && { uri: purl }), ...(originalDigest && { digest: originalDigest }) }
}
