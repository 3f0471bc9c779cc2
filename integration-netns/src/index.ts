export {
  Lab,
  type Deviation,
  type LabNode,
  type LabOptions,
  type LabWorkload,
  type NodeOptions,
} from "./lab/lab.ts"
export { LabProcess, type Exit, type LabProcessOptions } from "./lab/lab-process.ts"
export { missingPrivilege, needsPrivilege } from "./lab/privilege.ts"
