import type { Workspace } from "../workspaces.ts"
import { revisionOf, type Source } from "./source.ts"

/** What an image says about itself: https://specs.opencontainers.org/image-spec/annotations/ */
export function labelsOf({ folder, manifest }: Workspace, source: Source): readonly string[] {
  const { version, description, license } = manifest
  const labels = {
    title: folder,
    description,
    version,
    licenses: license,
    created: new Date(source.seconds * 1000).toISOString(),
    revision: revisionOf(source),
    source: source.url,
  }
  return Object.entries(labels)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `org.opencontainers.image.${name}=${String(value)}`)
}
