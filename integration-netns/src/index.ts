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
export { connectionsAt } from "./lab/connections.ts"
export { exitOf, type Exit } from "./lab/exit.ts"
export { fatter, grown, type Held, heldAgain, heldBy } from "./lab/held.ts"
export { LabProcess, type LabProcessOptions } from "./lab/lab-process.ts"
export { nullForwarderFile, programFile } from "./lab/programs.ts"
export { missingPrivilege, needsPlaygrounds, needsPrivilege } from "./lab/privilege.ts"
export { registeredEndpoints } from "./lab/registered-endpoints.ts"

// the operator's command line, with playgrounds that nobody else sees
export { CommandLine, type Outcome, type Running, type User } from "./lab/command-line.ts"

// packets through wires, and what became of them
export { type Outage, outageOf } from "./traffic/packets.ts"
export { Traffic } from "./traffic/traffic.ts"

// benchmarks: what is measured, and the table
export type { Bench, BenchContext } from "./bench/bench.ts"
export { benches } from "./bench/benches.ts"
export { drive, type Driven } from "./bench/drive.ts"
export { markdownTable } from "./bench/markdown-table.ts"
export { conditions, page, type Run } from "./bench/page.ts"
export type { PagedBench, PagedResult } from "./bench/paged-bench.ts"
export { median, quantile } from "./bench/quantile.ts"
export { type Row, type Target, type Verdict, verdict } from "./bench/row.ts"
export { type Benches, runBenches } from "./bench/run-benches.ts"
export { stolenTime } from "./bench/stolen-time.ts"
export { table } from "./bench/table.ts"
