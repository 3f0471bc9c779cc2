// a private mesh of real processes
export {
  Lab,
  type Deviation,
  type LabNode,
  type LabOptions,
  type LabWorkload,
  type NodeOptions,
} from "./lab/lab.ts"
export { Clients, type ClientsOptions, requestFor, type Wish } from "./lab/clients.ts"
export { type OwnIdentity, ownIdentity } from "./lab/own-identity.ts"
export { becomes } from "./lab/becomes.ts"
export { exitOf, type Exit } from "./lab/exit.ts"
export { LabProcess, type LabProcessOptions } from "./lab/lab-process.ts"
export { nullForwarderFile, programFile } from "./lab/programs.ts"
export { missingPrivilege, needsPrivilege } from "./lab/privilege.ts"

// benchmarks: what is measured, and the table
export type { Bench, BenchContext } from "./bench/bench.ts"
export { benches } from "./bench/benches.ts"
export { drive, type Driven } from "./bench/drive.ts"
export { page, type Run } from "./bench/page.ts"
export { median, quantile } from "./bench/quantile.ts"
export { type Row, type Target, type Verdict, verdict } from "./bench/row.ts"
export { type Benches, runBenches } from "./bench/run-benches.ts"
export { stolenTime } from "./bench/stolen-time.ts"
export { table } from "./bench/table.ts"
