import { fileURLToPath } from "node:url"
import {
  type Connection,
  type Mechanism,
  MechanismParameter,
  type NetworkServiceRequest,
} from "@nsm/api"
import type { HeldFile } from "../descriptors/held-file.ts"

/** The files of a connection: what its peer calls `inode://…`, and the chain `file:///…`. */
export class SwappedFiles implements Disposable {
  readonly #known = new Map<string, { readonly url: string; readonly file?: HeldFile }>()

  /** Takes over a file that the peer sent; answers the URL by which the chain reaches it. */
  take(file: HeldFile): string {
    const url = `file://${file.path}`
    this.#known.set(file.url, { url, file })
    return url
  }

  /** Remembers what the chain calls a file of its own. */
  learn(inodeUrl: string, url: string): void {
    if (!this.#known.has(inodeUrl)) this.#known.set(inodeUrl, { url })
  }

  /** What the chain calls a file. */
  inside(inodeUrl: string): string | undefined {
    return this.#known.get(inodeUrl)?.url
  }

  /** Whether the peer sent it, and need not be sent it. */
  isReceived(inodeUrl: string): boolean {
    return this.#known.get(inodeUrl)?.file !== undefined
  }

  /** What the peer calls a file. */
  outside(url: string): string | undefined {
    return [...this.#known].find(([, known]) => known.url === url)?.[0]
  }

  /** Lets all go but the file that the mechanism which was chosen is about. */
  keepOnly(inodeUrl: string | undefined): void {
    for (const [url, { file }] of this.#known) {
      if (url === inodeUrl) continue
      this.#known.delete(url)
      file?.[Symbol.dispose]()
    }
  }

  [Symbol.dispose](): void {
    this.keepOnly(undefined)
  }
}

/** The URL of a mechanism's file. */
export function fileOf(mechanism: Mechanism | undefined): string | undefined {
  return mechanism?.parameters[MechanismParameter.inodeUrl] || undefined
}

/** The URLs of the files of all mechanisms in a request. */
export function filesOf({
  connection,
  mechanismPreferences,
}: NetworkServiceRequest): readonly string[] {
  const urls = [connection?.mechanism, ...mechanismPreferences].map(fileOf)
  return [...new Set(urls.filter((url) => url !== undefined))]
}

/** What a file is called instead; undefined when it keeps its URL. */
export type Swap = (url: string) => string | undefined

/** The same request with other URLs of its mechanisms' files. */
export function withFiles(request: NetworkServiceRequest, swap: Swap): NetworkServiceRequest {
  const { connection, mechanismPreferences } = request
  return {
    ...request,
    ...(connection && { connection: withFile(connection, swap) }),
    mechanismPreferences: mechanismPreferences.map((each) => swapped(each, swap)),
  }
}

/** The same connection with another URL of its mechanism's file, where it has one. */
export function withFile(connection: Connection, swap: Swap): Connection {
  const { mechanism } = connection
  return mechanism ? { ...connection, mechanism: swapped(mechanism, swap) } : connection
}

function swapped(mechanism: Mechanism, swap: Swap): Mechanism {
  const from = fileOf(mechanism)
  const to = from === undefined ? undefined : swap(from)
  if (to === undefined || to === from) return mechanism
  const parameters = { ...mechanism.parameters, [MechanismParameter.inodeUrl]: to }
  return { ...mechanism, parameters }
}

/** The path in a URL `file:///…`; undefined for others. */
export function pathIn(url: string): string | undefined {
  return url.startsWith("file:///") && URL.canParse(url) ? fileURLToPath(url) : undefined
}
