import type { Component } from "./component.ts"

/** What is listed. */
export interface SbomOptions {
  readonly name: string
  readonly version: string
  /** The digest of the image. */
  readonly digest: string
  readonly seconds: number
  readonly components: readonly Component[]
}

/** What is in an image, as CycloneDX 1.6 has it. The same image has the same one. */
export function sbom({ name, version, digest, seconds, components }: SbomOptions): object {
  const [, hex = ""] = digest.split(":")
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: `urn:uuid:${uuidOf(hex)}`,
    version: 1,
    metadata: {
      timestamp: new Date(seconds * 1000).toISOString(),
      component: {
        type: "container",
        "bom-ref": name,
        name,
        version,
        purl: `pkg:oci/${name}@sha256%3A${hex}?tag=${version}`,
        hashes: [hash("sha256", hex)],
      },
    },
    components: components.map(listed),
  }
}

function listed(component: Component): object {
  const { license, digest, originalDigest: _, components, ...rest } = component
  return {
    ...rest,
    ...(digest && { hashes: Object.entries(digest).map(([name, content]) => hash(name, content)) }),
    ...(license && { licenses: [licenceOf(license)] }),
    ...(components && { components: components.map(listed) }),
  }
}

function hash(name: string, content: string): object {
  return { alg: name.toUpperCase().replace("SHA", "SHA-"), content }
}

/** One licence of SPDX's list, or several joined by words. */
function licenceOf(license: string): object {
  return /\s/.test(license) ? { expression: license } : { license: { id: license } }
}

/** A UUID of version 8, which is whatever its maker says, from a digest. */
function uuidOf(hex: string): string {
  const [, ...parts] = /^(.{8})(.{4}).(.{3}).(.{3})(.{12})/.exec(hex) ?? []
  const [first, second, third, fourth, fifth] = parts
  return `${first}-${second}-8${third}-8${fourth}-${fifth}`
}
