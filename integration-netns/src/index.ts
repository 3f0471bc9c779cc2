export {
  Lab,
  type Deviation,
  type LabNode,
  type LabOptions,
  type LabWorkload,
  type NodeOptions,
} from "./lab/lab.ts"
export { exitOf, type Exit } from "./lab/exit.ts"
export { LabProcess, type LabProcessOptions } from "./lab/lab-process.ts"
export { nullForwarderFile, programFile } from "./lab/programs.ts"
export { missingPrivilege, needsPrivilege } from "./lab/privilege.ts"
