import type { Kind } from "./setting.ts"

/** Where an HTTP server listens. */
export type HttpAddress =
  | { readonly path: string }
  | { readonly host: string | undefined; readonly port: number }

/** `host:port`, `:port` for all interfaces, or `unix:///path`. */
export const httpAddress: Kind<HttpAddress> = {
  form: "an address such as 127.0.0.1:8081, :8081 or unix:///run/http.sock",
  parse(value) {
    const path = /^unix:\/\/(\/.+)$/.exec(value)?.[1]
    if (path !== undefined) return { path }
    const [, host = "", port] = /^(\[[\da-f:.%]+\]|[^\s/:]*):(\d{1,5})$/i.exec(value) ?? []
    if (port === undefined || Number(port) > 65_535) throw new RangeError()
    return { host: host === "" ? undefined : host.replace(/^\[|\]$/g, ""), port: Number(port) }
  },
}
