import type { Connection, Mechanism } from "@nsm/api"
import { MechanismParameter } from "@nsm/api"
import { bind, element, type Element } from "../../core/chain.ts"
import { NsmError } from "../../core/errors.ts"
import { connectionOf, withConnection } from "../connection.ts"
import { firstGranted } from "../first-granted.ts"
import type { NetworkService } from "../service.ts"

/**
 * Sends a request through the branch of its mechanism. Where none is chosen yet, it tries those
 * that the caller prefers, in the caller's order, until one succeeds.
 *
 * Placement: before what a mechanism's branch builds on; the branches go on with what follows.
 *
 * @example
 * mechanisms({ KERNEL: kernelEndpoint({ namespaceUrl, random }) })
 */
export function mechanisms(
  supported: Readonly<Record<string, Element<NetworkService>>>,
): Element<NetworkService> {
  const wrap = (next: NetworkService): Partial<NetworkService> => {
    const branches = new Map(
      Object.entries(supported).map(([type, branch]) => [type, bind(branch, next)]),
    )
    return {
      async request(request, call) {
        const chosen = connectionOf(request).mechanism
        const offered = chosen ? [chosen] : request.mechanismPreferences
        const usable = offered.flatMap((mechanism) => {
          const branch = branches.get(mechanism.type)
          return branch ? [{ mechanism, branch }] : []
        })
        if (usable.length === 0) throw unsupported(offered, [...branches.keys()])
        const granted = await firstGranted(
          usable,
          call,
          ({ mechanism, branch }) => branch.request(withConnection(request, { mechanism }), call),
          {
            reason: "ALL_MECHANISMS_FAILED",
            what: "mechanisms",
            names: usable.map(({ mechanism }) => mechanism.type),
          },
        )
        return withInterfaceNoted(granted)
      },
      async close(connection, call) {
        const branch = branches.get(connection.mechanism?.type ?? "") ?? next
        await branch.close(connection, call)
      },
    }
  }
  return element("mechanisms", wrap, Object.values(supported))
}

function unsupported(offered: readonly Mechanism[], supported: readonly string[]): NsmError {
  const wanted =
    offered.length > 0 ? `mechanism ${types(offered)} is not supported` : "no mechanism was offered"
  return new NsmError("MECHANISM_UNSUPPORTED", `${wanted}; supported here: ${supported.join(", ")}`)
}

function types(listed: readonly Mechanism[]): string {
  return listed.map(({ type }) => type || '""').join(", ")
}

/** Dashboards read from the path's metrics which interface a hop gave to its client. */
function withInterfaceNoted(granted: Connection): Connection {
  const { path, mechanism } = granted
  const own = path?.pathSegments[path.index]
  if (!path || !mechanism || !own || "server_interface" in own.metrics) return granted
  const name = mechanism.parameters[MechanismParameter.name] || "unknown"
  const server_interface = `${mechanism.type}/${name}`
  const noted = { ...own, metrics: { ...own.metrics, server_interface } }
  return { ...granted, path: { ...path, pathSegments: path.pathSegments.with(path.index, noted) } }
}
