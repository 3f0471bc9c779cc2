// oxlint-disable-next-line import/no-unassigned-import -- the library needs the polyfill before it
import "reflect-metadata"

/** What makes and reads certificates; to be imported from here, behind its polyfill. */
export {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate as ReadCertificate,
  X509CertificateGenerator,
} from "@peculiar/x509"
