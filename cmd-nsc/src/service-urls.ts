import { MechanismParameter, MechanismType } from "@nsm/api"
import { NsmError, parseServiceUrl, type ServiceUrl } from "@nsm/sdk"
import type { Kind } from "@nsm/sdk/daemon"

/** A wire that is wanted: the URL as it was written, and what it says. */
export interface WantedWire extends ServiceUrl {
  readonly text: string
}

const form = "kernel://service[@domain][/interface][?label=value]"

/** `NSM_NETWORK_SERVICES`: a URL per wire. */
export const wantedWires: Kind<readonly WantedWire[]> = {
  form: `URLs of network services, between commas, each ${form}`,
  parse(value) {
    const wires = split(value).map(parseWanted)
    const names = wires.flatMap(({ mechanism }) => interfaceName(mechanism) ?? [])
    const twice = names.find((name, index) => names.indexOf(name) < index)
    if (twice !== undefined) throw refused(`two wires want the interface ${twice}`)
    return wires
  },
}

/** `NSM_AWARENESS_GROUPS`: wires of a group may have overlapping addresses. */
export const wireGroups: Kind<readonly (readonly WantedWire[])[]> = {
  form: `groups of URLs of network services, such as [kernel://a,kernel://b],[kernel://c]`,
  parse(value) {
    const compact = value.replaceAll(/\s/g, "")
    if (!/^(\[[^[\]]*\](,\[[^[\]]*\])*)?$/.test(compact)) throw new RangeError()
    return compact
      .matchAll(/\[([^[\]]*)\]/g)
      .map(([, urls = ""]) => split(urls).map(parseWanted))
      .toArray()
  },
}

/** The name that a mechanism gives its interface, if it does. */
export function interfaceName({ parameters }: ServiceUrl["mechanism"]): string | undefined {
  return parameters[MechanismParameter.name]
}

function split(value: string): readonly string[] {
  return value
    .split(",")
    .map((url) => url.trim())
    .filter((url) => url !== "")
}

function parseWanted(text: string): WantedWire {
  const url = parseServiceUrl(text)
  if (url.mechanism.type !== MechanismType.KERNEL) {
    throw refused(`${text}: this client offers the mechanism kernel only`)
  }
  if (!/^\w+:\/\/[^/?]+(\/[^/?]*)?(\?.*)?$/.test(text)) throw refused(`${text}: write ${form}`)
  return { ...url, text }
}

function refused(text: string): NsmError {
  return new NsmError("INVALID_CONFIGURATION", text)
}
