import type { ServerHttp2Stream } from "node:http2"
import { NsmError } from "../../core/errors.ts"
import { OnlyMessage } from "./messages.ts"

/** The one message of a call. */
export function question(stream: ServerHttp2Stream): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const message = new OnlyMessage()
    stream.on("data", (piece: Buffer) => {
      try {
        message.add(piece)
      } catch (failure) {
        reject(NsmError.from(failure))
      }
    })
    stream.once("end", () => {
      try {
        resolve(message.whole)
      } catch (failure) {
        reject(NsmError.from(failure))
      }
    })
    stream.once("close", () => reject(gone))
  })
}

/** Made once: each call closes its stream, and by then nearly all have asked. */
const gone = new NsmError("CANCELLED", "the caller gave up before it had asked")
