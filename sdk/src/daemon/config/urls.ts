import type { Kind } from "./setting.ts"

/** Where to listen: a unix socket or a TCP port, the host of which may be left out for all. */
export const listenUrl: Kind<string> = {
  form: "a URL such as unix:///run/nsm.sock or tcp://10.0.0.1:5001",
  parse(value) {
    if (isUnix(value) || isTcp(value)) return value
    throw new RangeError()
  },
}

/**
 * What to connect to. The reference deployments write `registry:5002` without a scheme, or
 * `dns:///registry:5002`; both mean TCP.
 */
export const dialUrl: Kind<string> = {
  form: "a URL such as unix:///run/nsm.sock, tcp://10.0.0.1:5001 or registry:5002",
  parse(value) {
    const url = isUnix(value) ? value : `tcp://${value.replace(/^(tcp:\/\/|dns:\/\/\/)/, "")}`
    if (isUnix(url) || (isTcp(url) && !url.startsWith("tcp://:"))) return url
    throw new RangeError()
  },
}

function isUnix(url: string): boolean {
  return /^unix:(\/\/\/|(?!\/\/))[^\0]+$/.test(url)
}

function isTcp(url: string): boolean {
  const port = /^tcp:\/\/(?:\[[\da-f:.%]+\]|[^\s/:@?#]*):(\d{1,5})\/?$/i.exec(url)?.[1]
  return port !== undefined && Number(port) <= 65_535
}
