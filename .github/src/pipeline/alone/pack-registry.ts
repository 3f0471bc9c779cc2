import { createHash } from "node:crypto"
import { once } from "node:events"
import { readFile } from "node:fs/promises"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import type { Manifest } from "../../workspaces.ts"

/** A package as its users get it. */
export interface Pack {
  readonly manifest: Manifest
  /** The packed tarball. */
  readonly file: string
}

/** A registry on loopback that has some packed packages, each in the given versions only. */
export interface PackRegistry extends AsyncDisposable {
  readonly url: string
}

/** Serves packed packages to npm until it is disposed of. */
export async function packRegistry(packs: readonly Pack[]): Promise<PackRegistry> {
  const tarballs = await Promise.all(packs.map(async ({ file }) => readFile(file)))
  // npm keeps what an address has said, and ports come again: other packs, another address.
  const content = createHash("sha256")
  for (const tarball of tarballs) content.update(tarball)
  const prefix = `/${content.digest("hex")}/`
  let url = ""
  const document = (name: string): object => {
    const versions = packs.flatMap(({ manifest }, index) => {
      if (manifest.name !== name) return []
      const hash = createHash("sha512")
        .update(tarballs[index] ?? "")
        .digest("base64")
      const dist = { tarball: `${url}-/${index}.tgz`, integrity: `sha512-${hash}` }
      return [[manifest.version ?? "", { ...manifest, dist }] as const]
    })
    const latest = versions.at(-1)?.[0]
    return { name, "dist-tags": { latest }, versions: Object.fromEntries(versions) }
  }
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "").replace(prefix, "")
    const [, index] = /^-\/(\d+)\.tgz$/.exec(path) ?? []
    if (index !== undefined) response.end(tarballs[Number(index)])
    else if (packs.some(({ manifest }) => manifest.name === path)) {
      response.end(JSON.stringify(document(path)))
    } else response.writeHead(404).end("{}")
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${prefix}`
  return {
    url,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, "close")
    },
  }
}
