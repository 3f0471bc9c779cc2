import { inodeUrl, type Audit } from "@nsm/sdk-kernel"
import type { Standing } from "./standing.ts"
import type { StandingNode } from "./standing-node.ts"
import { byName } from "./standing-status.ts"

/** What the forwarders have in the kernel, and how it differs from what connections own. */
export interface PlaygroundAudit {
  /** Raised when a field changes its meaning or goes. */
  readonly schemaVersion: 1
  readonly interfaces: readonly AuditedInterface[]
  /** Forwarders that cannot be asked. */
  readonly silent: readonly { readonly node: string; readonly why: string }[]
}

/** An interface that a forwarder has made, or that a connection lacks. */
export interface AuditedInterface {
  readonly node: string
  /** Whose network it is in; its URL where that is none of the playground. */
  readonly workload: string
  readonly interface: string
  readonly alias: string
  /** An orphan has no connection; one that was removed had none for longer than the grace. */
  readonly state: "up" | "missing" | "orphan" | "removed"
  /** Absent where no connection owns it. */
  readonly connectionId?: string
  readonly kind?: "veth" | "vxlan"
  /** Why it is missing. */
  readonly why?: string
  /** Since when it has been an orphan, or when it was removed, as RFC 3339. */
  readonly since?: string
}

/** Asks the forwarders of all nodes. */
export async function auditNodes({
  nodes,
  namespaces,
}: Pick<Standing, "nodes" | "namespaces">): Promise<PlaygroundAudit> {
  const names = new Map([...namespaces].map(([name, { inode }]) => [inodeUrl(inode), name]))
  // Nodes stand in the order in which they came up, which is another one each time.
  const all = byName([...nodes.values()].map((one) => ({ name: one.node.name, one })))
  const answers = await Promise.all(all.map(({ one }) => auditNode(one, names)))
  return {
    schemaVersion: 1,
    interfaces: answers.flatMap((answer) => ("why" in answer ? [] : answer.interfaces)),
    silent: answers.flatMap((answer) => ("why" in answer ? [answer] : [])),
  }
}

type Answer =
  | { readonly node: string; readonly why: string }
  | { readonly interfaces: readonly AuditedInterface[] }

async function auditNode(
  { node: { name: node }, daemons }: Pick<StandingNode, "node" | "daemons">,
  names: ReadonlyMap<string, string>,
): Promise<Answer> {
  const forwarder = daemons.find(({ program }) => program === "cmd-forwarder-kernel")
  const page = await forwarder?.get("/audit").catch(() => undefined)
  if (page === undefined) {
    return { node, why: `${forwarder?.name ?? "its forwarder"} does not answer` }
  }
  return { interfaces: interfacesOf(node, JSON.parse(page) as Audit, names) }
}

/** One line per interface of what a forwarder says. */
export function interfacesOf(
  node: string,
  { wires, orphans, missing }: Audit,
  names: ReadonlyMap<string, string>,
): readonly AuditedInterface[] {
  const workload = (namespace: string): string => names.get(namespace) ?? namespace
  const ofWires = wires.flatMap(({ connectionId, kind, ends }) =>
    ends.map(({ side, namespace, interface: name, alias }): AuditedInterface => {
      const lost = missing.find((one) => one.connectionId === connectionId && one.side === side)
      return {
        ...{ node, workload: workload(namespace), interface: name, alias, connectionId, kind },
        ...(lost ? { state: "missing", why: lost.why } : { state: "up" }),
      }
    }),
  )
  const ofNobody = orphans.map(
    ({ namespace, interface: name, alias, since, removedAt }): AuditedInterface => ({
      ...{ node, workload: workload(namespace), interface: name, alias },
      ...(removedAt === undefined
        ? { state: "orphan", since }
        : { state: "removed", since: removedAt }),
    }),
  )
  return [...ofWires, ...ofNobody]
}
