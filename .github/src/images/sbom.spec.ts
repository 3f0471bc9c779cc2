import assert from "node:assert/strict"
import type { Component } from "./component.ts"
import { provenance } from "./provenance.ts"
import { sbom } from "./sbom.ts"

const digest = `sha256:${"0123456789abcdef".repeat(4)}`
const components: readonly Component[] = [
  {
    type: "application",
    name: "node",
    version: "24.0.0",
    license: "MIT",
    purl: "pkg:npm/node@24.0.0",
    digest: { sha256: "aa" },
    originalDigest: { sha256: "bb" },
    components: [{ type: "library", name: "uv", version: "1.0.0" }],
  },
  { type: "library", name: "both", version: "1.0.0", license: "(MIT OR ISC)" },
]

describe("what goes with an image", () => {
  it("lists what is inside, with digests, licences and what parts bring along", () => {
    const listed = sbom({ name: "cmd-a", version: "0.1.0", digest, seconds: 0, components })
    assert.deepEqual(listed, {
      $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
      bomFormat: "CycloneDX",
      specVersion: "1.6",
      serialNumber: "urn:uuid:01234567-89ab-8def-8123-456789abcdef",
      version: 1,
      metadata: {
        timestamp: "1970-01-01T00:00:00.000Z",
        component: {
          type: "container",
          "bom-ref": "cmd-a",
          name: "cmd-a",
          version: "0.1.0",
          purl: `pkg:oci/cmd-a@sha256%3A${digest.slice(7)}?tag=0.1.0`,
          hashes: [{ alg: "SHA-256", content: digest.slice(7) }],
        },
      },
      components: [
        {
          type: "application",
          name: "node",
          version: "24.0.0",
          purl: "pkg:npm/node@24.0.0",
          hashes: [{ alg: "SHA-256", content: "aa" }],
          licenses: [{ license: { id: "MIT" } }],
          components: [{ type: "library", name: "uv", version: "1.0.0" }],
        },
        {
          type: "library",
          name: "both",
          version: "1.0.0",
          licenses: [{ expression: "(MIT OR ISC)" }],
        },
      ],
    })
  })

  it("says of what commit and of what material it was made, and by what", () => {
    const source = { commit: "c0ffee", isChanged: true, seconds: 7 }
    const builders = { podman: "4.3.1" }
    assert.deepEqual(provenance({ name: "cmd-a", digest, source, builders, components }), {
      _type: "https://in-toto.io/Statement/v1",
      subject: [{ name: "cmd-a", digest: { sha256: digest.slice(7) } }],
      predicateType: "https://slsa.dev/provenance/v1",
      predicate: {
        buildDefinition: {
          buildType: "urn:nsm:images:v1",
          externalParameters: { package: "cmd-a", sourceDateEpoch: 7 },
          resolvedDependencies: [
            {
              name: "source",
              digest: { gitCommit: "c0ffee" },
              annotations: { changed: "files differed from the commit" },
            },
            { name: "node", uri: "pkg:npm/node@24.0.0", digest: { sha256: "bb" } },
            { name: "both" },
          ],
        },
        runDetails: { builder: { id: "urn:nsm:images", version: builders } },
      },
    })
  })
})
