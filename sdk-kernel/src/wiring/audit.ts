import { inodeUrl } from "../namespace/namespace-url.ts"
import type { Orphan } from "./reconcile.ts"
import type { StandingWire } from "./standing-wire.ts"
import type { Side, Wire } from "./wire.ts"
import type { LostEnd } from "./wire-check.ts"

/** What a forwarder has in the kernel beside what its connections own. The shape of `GET /audit`. */
export interface Audit {
  readonly wires: readonly AuditedWire[]
  readonly orphans: readonly AuditedOrphan[]
  readonly missing: readonly LostEnd[]
}

/** A wire of a connection that lives. */
export interface AuditedWire {
  readonly connectionId: string
  readonly kind: Wire["kind"]
  readonly ends: readonly {
    readonly side: Side
    readonly namespace: string
    readonly interface: string
    readonly alias: string
  }[]
}

/** An interface that no connection owns. */
export interface AuditedOrphan {
  readonly namespace: string
  readonly interface: string
  readonly alias: string
  /** When it was first seen so, as RFC 3339. */
  readonly since: string
  /** When it was removed, as RFC 3339; absent while it is there. */
  readonly removedAt?: string
}

/** What is compared. */
export interface AuditSources {
  readonly wires: ReadonlyMap<string, StandingWire>
  readonly orphans: readonly Orphan[]
  readonly missing: readonly LostEnd[]
}

/** Writes down how the kernel and the connections differ. */
export function auditOf({ wires, orphans, missing }: AuditSources): Audit {
  return {
    wires: [...wires].map(([connectionId, { wire, ends }]) => ({
      connectionId,
      kind: wire.kind,
      ends: ends.map(({ end: { side, name }, inode, alias }) => {
        return { side, namespace: inodeUrl(inode), interface: name, alias }
      }),
    })),
    orphans: orphans.map(({ inode, name, alias, since, removedAt }) => ({
      namespace: inodeUrl(inode),
      interface: name,
      alias,
      since: new Date(since).toISOString(),
      ...(removedAt !== undefined && { removedAt: new Date(removedAt).toISOString() }),
    })),
    missing,
  }
}
