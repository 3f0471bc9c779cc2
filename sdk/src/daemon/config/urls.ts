import { isIP } from "node:net"
import { formatAddress, parseAddress } from "../../transport/address.ts"
import type { Kind } from "./setting.ts"

/** Where to listen: a unix socket or a TCP port, the host of which may be left out for all. */
export const listenUrl: Kind<string> = {
  form: "a URL such as unix:///run/nsm.sock or tcp://10.0.0.1:5001",
  parse(value) {
    if (!/^(unix|tcp):\/\//.test(value)) throw new RangeError()
    return formatAddress(parseAddress(value))
  },
}

/**
 * What to connect to. The reference deployments write `registry:5002` without a scheme, or
 * `dns:///registry:5002`; both mean TCP.
 */
export const dialUrl: Kind<string> = {
  form: "a URL such as unix:///run/nsm.sock, tcp://10.0.0.1:5001 or registry:5002",
  parse(value) {
    const address = parseAddress(value.replace(/^dns:\/\/\//, ""))
    if (address.kind === "tcp" && address.host === "") throw new RangeError()
    return formatAddress(address)
  },
}

/** A SPIFFE Workload API, as SPIFFE_ENDPOINT_SOCKET names it: TCP only by address, never by name. */
export const workloadUrl: Kind<string> = {
  form: "a URL such as unix:///run/spire/agent.sock, unix:/run/spire/agent.sock or tcp://127.0.0.1:8081",
  parse(value) {
    const address = parseAddress(value.replace(/^unix:(?=\/[^/])/, "unix://"))
    const isUrl = /^(unix|tcp):/.test(value)
    if (!isUrl || (address.kind === "tcp" && isIP(address.host) === 0)) throw new RangeError()
    return formatAddress(address)
  },
}
