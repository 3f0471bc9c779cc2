export { commands } from "./commands.ts"
export { Container, type ContainerOptions } from "./container.ts"
export { members, type Member } from "./members.ts"
