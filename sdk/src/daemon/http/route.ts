/** What a route is asked. */
export interface HttpRequest {
  readonly query: URLSearchParams
  readonly body: string
  /** Whether it comes from this machine: over loopback or a unix socket. */
  readonly isLocal: boolean
}

/** What a route answers. */
export interface HttpAnswer {
  /** @default 200 */
  readonly status?: number
  /** @default "text/plain; charset=utf-8" */
  readonly type?: string
  readonly body: string
}

/** One thing that the HTTP server answers. */
export interface Route {
  readonly method: "GET" | "PUT"
  readonly path: string
  answer(request: HttpRequest): HttpAnswer | Promise<HttpAnswer>
}

/** A GET route that answers JSON, made anew for every request, even if that takes a while. */
export function jsonRoute(path: string, document: () => unknown): Route {
  return {
    method: "GET",
    path,
    answer: async () => ({
      type: "application/json",
      body: `${JSON.stringify(await document(), undefined, 2)}\n`,
    }),
  }
}
