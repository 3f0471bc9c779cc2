import { request } from "node:http"
import { text } from "node:stream/consumers"

/** How long a page may take. */
const limitMs = 5000

/** Gets a page over a unix socket. Rejects when nobody answers, or with another status than 200. */
export function httpGet(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(limitMs)
    const call = request({ socketPath, path, signal, agent: false }, (response) => {
      text(response).then((body) => {
        if (response.statusCode === 200) resolve(body)
        else reject(new Error(`${path} answered ${response.statusCode}: ${body.trim()}`))
      }, reject)
    })
    call.once("error", reject)
    call.end()
  })
}
