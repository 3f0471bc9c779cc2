export { type Check } from "./shape/check.ts"
export { checks } from "./shape/checks.ts"
export { readWorkspace, readWorkspaces, type Manifest, type Workspace } from "./workspaces.ts"
