import { type Mechanism, MechanismParameter, MechanismPort } from "@nsm/api"
import { NsmError } from "@nsm/sdk"
import { parseAddress } from "./address.ts"
import type { Side, Tunnel } from "./wire.ts"

/** Largest VXLAN network identifier: 24 bits (RFC 7348, section 5). */
const largestVni = 2 ** 24 - 1

/** The tunnel that a VXLAN mechanism describes, seen from one of its sides. */
export function tunnelOf(side: Side, { parameters }: Mechanism): Tunnel {
  const source = addressOf(parameters, MechanismParameter.srcIp)
  const destination = addressOf(parameters, MechanismParameter.dstIp)
  const [local, remote] = side === "client" ? [source, destination] : [destination, source]
  return { local, remote, port: portOf(parameters), vni: vniOf(parameters) }
}

function addressOf(parameters: Mechanism["parameters"], key: string): string {
  const text = parameters[key]
  if (text) return parseAddress(text, key).ip
  throw new NsmError("INVALID_REQUEST", `a VXLAN mechanism came without the parameter ${key}`)
}

/** The kernel sends to the port on which it listens, so both sides must use the same. */
function portOf(parameters: Mechanism["parameters"]): number {
  const source = parameters[MechanismParameter.srcPort] || String(MechanismPort.VXLAN)
  const destination = parameters[MechanismParameter.dstPort] || source
  const port = Number(source)
  if (source === destination && Number.isInteger(port) && port > 0 && port < 65536) return port
  throw new NsmError(
    "MECHANISM_UNSUPPORTED",
    `VXLAN from port ${source} to port ${destination}: both nodes must use one port; set NSM_VXLAN_PORT alike`,
  )
}

function vniOf(parameters: Mechanism["parameters"]): number {
  const text = parameters[MechanismParameter.vni] ?? ""
  const vni = Number(text)
  if (text && Number.isInteger(vni) && vni > 0 && vni <= largestVni) return vni
  throw new NsmError(
    "INVALID_REQUEST",
    `a VXLAN mechanism came with vni "${text}"; it must be 1 to ${largestVni}`,
  )
}
