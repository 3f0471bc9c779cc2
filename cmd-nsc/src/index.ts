export { clientDaemon, type ClientDaemonOptions } from "./chain.ts"
export { settings } from "./config.ts"

// how wires are asked for and held
export { type HeldWires, holdWires, type HoldWiresOptions } from "./hold-wires.ts"
export { noteOutcomes } from "./note-outcomes.ts"
export { type WantedWire, wantedWires } from "./service-urls.ts"
export { Wire, type WireStatus } from "./wire.ts"
