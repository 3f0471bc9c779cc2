import { fromJson } from "@bufbuild/protobuf"
import { NetworkServiceEndpointSchema, NetworkServiceSchema } from "@nsm/api"
import { type Labels, NsmError, readState, select } from "@nsm/sdk"
import type { SelectionFacts } from "../playground/selection-facts.ts"
import { ask } from "../session/control.ts"
import { sessionDirectory } from "../session/directory.ts"
import { type Format, print, printJson } from "../view/output.ts"
import { selectionDocument } from "../view/selection-document.ts"
import { selectionText } from "../view/selection-text.ts"
import { supposed, type WhatIf } from "./what-if.ts"

/** Which client is supposed, and how to print. */
export interface SelectEndpointOptions {
  readonly service: string
  /** The client's node. */
  readonly from: string | undefined
  readonly labels: Labels
  readonly whatIf: WhatIf
  /** Whether to say why. */
  readonly isExplained: boolean
  readonly format: Format
}

/**
 * Prints which endpoints a client would be asked for, best first, by the function that forwarders
 * decide with. It asks no endpoint, and takes nobody's turn. Fails where nobody can be chosen.
 */
export async function selectEndpoint(
  playground: string,
  { service: name, from: node, labels: given, whatIf, isExplained, format }: SelectEndpointOptions,
): Promise<void> {
  const facts = await ask<SelectionFacts>(sessionDirectory(playground), "selection", {
    service: name,
    node,
  })
  const { nodes } = facts
  const registered = facts.endpoints.map((json) => fromJson(NetworkServiceEndpointSchema, json))
  const endpoints = supposed(registered, whatIf, { service: name, nodes })
  const service = fromJson(NetworkServiceSchema, facts.service)
  // As the node's manager would add it.
  const labels = { nodeName: facts.node, ...given }
  const selection = select({ service, endpoints, labels }, readState(facts.state, name))
  const document = selectionDocument(selection, facts)
  if (format === "json") printJson(document)
  else if (isExplained) print(selectionText(document))
  else if (document.order.length > 0) print(document.order.join("\n"))
  if (document.order.length > 0) return
  const client = `a client on ${facts.node}${words(given)}`
  throw new NsmError("ENDPOINT_NOT_FOUND", `no endpoint of ${name} may be asked for ${client}`, {
    remedy: isExplained
      ? "Change labels or match rules as the reasons above say."
      : "See why: give --explain too.",
  })
}

function words(labels: Labels): string {
  const said = Object.entries(labels).map(([key, value]) => `${key}=${value}`)
  return said.length === 0 ? "" : ` with ${said.join(", ")}`
}
