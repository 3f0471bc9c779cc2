import { create } from "@bufbuild/protobuf"
import {
  HealthCheckRequestSchema,
  HealthCheckResponse_ServingStatus as Serving,
  HealthCheckResponse_ServingStatusSchema as ServingSchema,
  HealthService,
} from "@nsm/api"
import type { CertificateFault } from "@nsm/sdk/testing"
import { type Check, must, roles, type Role } from "../check.ts"
import { urisOf } from "../credentials.ts"
import { handshake, plainly, secured, type Subject } from "../subject.ts"

const all = roles
const onPath: readonly Role[] = ["nsmgr", "forwarder", "nse"]
const registries: readonly Role[] = ["registry", "nsmgr"]

/** Who serves what. */
const services: Readonly<Record<string, readonly Role[]>> = {
  "networkservice.NetworkService": onPath,
  "connection.MonitorConnection": onPath,
  "registry.NetworkServiceRegistry": registries,
  "registry.NetworkServiceEndpointRegistry": registries,
}

const unaryMethods: Readonly<Record<string, readonly Role[]>> = {
  "/networkservice.NetworkService/Request": onPath,
  "/networkservice.NetworkService/Close": onPath,
  "/registry.NetworkServiceRegistry/Register": registries,
  "/registry.NetworkServiceEndpointRegistry/Register": registries,
}

/** How connections are secured, and what every gRPC server does. */
export const transportChecks: readonly Check[] = [
  {
    id: "tls-version",
    title: "Connections are TLS 1.2 or newer, and HTTP/2 is chosen by ALPN.",
    source: "RFC 9113, sections 3.2 and 9.2; RFC 7301",
    roles: all,
    async run({ address, as }) {
      const { protocol, alpn } = await handshake(address, secured(as))
      const seen = `${protocol}, ALPN ${alpn || "none"}`
      must((protocol === "TLSv1.2" || protocol === "TLSv1.3") && alpn === "h2", seen)
      return seen
    },
  },
  {
    id: "tls-old-version",
    title: "TLS 1.1 is refused.",
    source: "RFC 8996; RFC 9113, section 9.2",
    roles: all,
    async run({ address, as }) {
      const old = { minVersion: "TLSv1", maxVersion: "TLSv1.1" } as const
      const ciphers = "DEFAULT@SECLEVEL=0"
      const { failure, protocol } = await handshake(address, { ...secured(as), ...old, ciphers })
      must(failure !== undefined, `${protocol} is accepted`)
      return failure
    },
  },
  {
    id: "tls-plaintext",
    title: "What is not TLS gets no answer of HTTP/2.",
    source: "SPIFFE X509-SVID, section 5",
    roles: all,
    async run({ address }) {
      const answer = await plainly(address)
      const isSettings = answer.charCodeAt(3) === 4 && answer.length >= 9
      must(!isSettings, "settings of HTTP/2 without TLS")
      return answer === "" ? "closed" : "a TLS alert"
    },
  },
  {
    id: "tls-svid",
    title: "The server's leaf has one URI, a SPIFFE id, is no authority, and leads to the bundle.",
    source: "SPIFFE X509-SVID, sections 2, 4.1 and 5.2",
    roles: all,
    async run({ address, as, certificate }) {
      const uris = urisOf(certificate)
      const { isAuthorized } = await handshake(address, secured(as))
      const leads = isAuthorized ? "leads to the bundle" : "does not lead to the bundle"
      const seen = `${uris.join(" and ")}, ${certificate.ca ? "an authority" : "no authority"}, ${leads}`
      must(uris.length === 1 && uris[0]?.startsWith("spiffe://") === true, seen)
      must(!certificate.ca && isAuthorized, seen)
      return seen
    },
  },
  {
    id: "tls-svid-key",
    title: "The leaf's key is EC P-256, with which tokens are signed.",
    source: "RFC 7518, section 3.4",
    roles: all,
    async run({ certificate }) {
      const { namedCurve = "no curve" } = certificate.publicKey.asymmetricKeyDetails ?? {}
      must(namedCurve === "prime256v1", namedCurve)
      return namedCurve
    },
  },
  {
    id: "tls-no-client-certificate",
    title: "A caller without a certificate is refused.",
    source: "SPIFFE X509-SVID, section 5; RFC 8446, section 4.4.2.4",
    roles: all,
    async run({ address, as }) {
      const { failure } = await handshake(address, { ca: as.rootsPem })
      must(failure !== undefined, "accepted")
      return failure
    },
  },
  {
    id: "tls-foreign-root",
    title: "A caller whose certificate leads to an unknown root is refused.",
    source: "SPIFFE X509-SVID, section 5.1",
    roles: all,
    async run({ address, stranger, as }) {
      const { failure } = await handshake(address, { ...secured(stranger), ca: as.rootsPem })
      must(failure !== undefined, "accepted")
      return failure
    },
  },
  faulty("expired", "has ended", "RFC 5280, section 4.1.2.5"),
  faulty("not yet valid", "is not valid yet", "RFC 5280, section 4.1.2.5"),
  faulty("two URIs", "has two URIs", "SPIFFE X509-SVID, section 2"),
  faulty("no URI", "has no URI", "SPIFFE X509-SVID, section 2"),
  faulty("no SPIFFE id", "has a URI that is no SPIFFE id", "SPIFFE X509-SVID, section 2"),
  faulty("authority as leaf", "is an authority's", "SPIFFE X509-SVID, sections 4.1 and 5.2"),
  {
    id: "grpc-health",
    title: "The server as a whole says that it serves.",
    source: "grpc.health.v1: Health",
    roles: all,
    async run(subject) {
      return await serves(subject, "")
    },
  },
  ...Object.entries(services).map(([service, served]): Check => ({
    id: `grpc-health-${idPart(service)}`,
    title: `${service} says that it serves.`,
    source: "grpc.health.v1: Health",
    roles: served,
    run: async (subject) => await serves(subject, service),
  })),
  {
    id: "grpc-unknown-method",
    title: "A method that is not there is answered with UNIMPLEMENTED.",
    source: "gRPC over HTTP/2; google.rpc.Code",
    roles: all,
    async run({ probe }) {
      const { code, status } = await probe.send("/conformance.None/None", Buffer.alloc(0), String)
      must(code === 12, status)
      return status
    },
  },
  ...Object.entries(unaryMethods).map(([path, served]): Check => ({
    id: `grpc-no-message-${idPart(path)}`,
    title: `Bytes that are no message are refused by ${path}, and the server goes on.`,
    source: "Protocol Buffers encoding; gRPC over HTTP/2",
    roles: served,
    async run(subject) {
      const { code, status } = await subject.probe.send(
        path,
        Buffer.from("ffffffffff", "hex"),
        String,
      )
      must(code !== 0, "accepted")
      await serves(subject, "")
      return status
    },
  })),
]

function faulty(fault: CertificateFault, words: string, source: string): Check {
  return {
    id: `tls-${fault.toLowerCase().replaceAll(" ", "-")}`,
    title: `A caller whose certificate ${words} is refused.`,
    source,
    roles: all,
    async run(subject) {
      const forged = await subject.forged(fault)
      const { failure } = await handshake(subject.address, {
        ...secured(forged),
        ca: subject.as.rootsPem,
      })
      must(failure !== undefined, "accepted")
      return failure
    },
  }
}

async function serves({ probe }: Subject, service: string): Promise<string> {
  const request = create(HealthCheckRequestSchema, { service })
  const { message, status, details } = await probe.call(HealthService.method.check, request)
  must(
    message?.status === Serving.SERVING,
    `${status} ${details || ServingSchema.value[message?.status ?? 0]?.name}`,
  )
  return "SERVING"
}

/** `/registry.NetworkServiceRegistry/Register` as `network-service-registry-register`. */
function idPart(name: string): string {
  return name
    .replace(/^\/?[a-z]+\./, "")
    .replace("/", "")
    .replaceAll(/(?<!^)([A-Z])/g, "-$1")
    .toLowerCase()
}
