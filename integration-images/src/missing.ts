import { spawnSync } from "node:child_process"

/** Why no image can be built and run here; undefined when it can be tried. */
export function missingForContainers(): string | undefined {
  if (process.getuid?.() !== 0) return "only root can run containers with networks of their own"
  const { error } = spawnSync("podman", ["--version"])
  return error === undefined ? undefined : `needs podman: ${error.message}`
}
