import { Client, credentials, type ServiceError } from "@grpc/grpc-js"
import { decodeError, type Identity } from "@nsm/sdk"

/** What a raw client shows, and whom it believes. */
export type Shown = Pick<Identity, "bundles"> & Partial<Pick<Identity, "svid">>

/** Sends bytes as they are, over TLS if it is told what to show; answers how the call failed. */
export async function sendRaw(
  url: string,
  { path, bytes }: { readonly path: string; readonly bytes: Buffer },
  shown?: Shown,
): Promise<ServiceError> {
  const client = new Client(url.replace("tcp://", "ipv4:"), shown ? tls(shown) : plaintext)
  const same = (value: Buffer): Buffer => value
  try {
    return await new Promise((resolve, reject) => {
      client.makeUnaryRequest(path, same, same, bytes, (failure) => {
        if (failure) resolve(failure)
        else reject(new Error("it was answered, and should have been refused"))
      })
    })
  } finally {
    client.close()
  }
}

/** What a client of the suite would be told. */
export function told({ code, details, metadata }: ServiceError): ReturnType<typeof decodeError> {
  const [info] = metadata.get("grpc-status-details-bin")
  return decodeError({ code, message: details, details: info as Buffer | undefined }, "the peer")
}

const plaintext = credentials.createInsecure()

function tls({ svid, bundles }: Shown): ReturnType<typeof credentials.createSsl> {
  const pem = (all: Iterable<unknown>): Buffer => Buffer.from([...all].map(String).join(""))
  const key = svid?.privateKey.export({ type: "pkcs8", format: "pem" })
  return credentials.createSsl(
    pem([...bundles.values()].flat()),
    key === undefined ? null : Buffer.from(key),
    svid ? pem(svid.certificates) : null,
    // Names of hosts mean nothing here.
    { checkServerIdentity: () => undefined },
  )
}
