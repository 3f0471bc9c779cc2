import { create } from "@bufbuild/protobuf"
import {
  type Mechanism,
  MechanismClass,
  MechanismParameter,
  MechanismSchema,
  MechanismType,
} from "@nsm/api"
import { NsmError } from "../core/errors.ts"
import { checkInterfaceName } from "./interface-name.ts"

/** What a client wants: a network service, by what mechanism, and under which labels. */
export interface ServiceUrl {
  /** `service` or `service@domain`. */
  readonly networkService: string
  /** Local, with the parameter `name` if the URL names an interface. */
  readonly mechanism: Mechanism
  readonly labels: Readonly<Record<string, string>>
}

/** Reads `mechanism://service[@domain][/interface][?label=value&…]`. */
export function parseServiceUrl(text: string): ServiceUrl {
  const url = URL.parse(text.trim())
  if (!url) throw malformed(text, "it is not a URL")
  if (!url.host) throw malformed(text, "it names no network service after ://")
  const [service, domain] = [decoded(url.username, text), decoded(url.hostname, text)]
  const type = url.protocol.slice(0, -1).toUpperCase()
  const name = decoded(url.pathname.split("/").at(-1) ?? "", text)
  if (name && type === MechanismType.KERNEL) checkInterfaceName(name, text)
  const parameters: Record<string, string> = name ? { [MechanismParameter.name]: name } : {}
  return {
    networkService: service ? `${service}@${domain}` : domain,
    mechanism: create(MechanismSchema, { cls: MechanismClass.LOCAL, type, parameters }),
    labels: labelsOf(url.searchParams, text),
  }
}

/** Reads a comma-separated list of service URLs; what is empty is left out. */
export function parseServiceUrls(list: string): ServiceUrl[] {
  return list
    .split(",")
    .filter((text) => text.trim() !== "")
    .map(parseServiceUrl)
}

/** A label that is given several times has all its values, joined by commas. */
function labelsOf(query: URLSearchParams, text: string): Record<string, string> {
  const names = [...new Set(query.keys())]
  if (names.includes("")) throw malformed(text, "a label has no name")
  return Object.fromEntries(names.map((name) => [name, query.getAll(name).join(",")]))
}

function decoded(part: string, text: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw malformed(text, `${JSON.stringify(part)} is not percent-encoded text`)
  }
}

function malformed(text: string, problem: string): NsmError {
  return new NsmError(
    "INVALID_URL",
    `service URL ${JSON.stringify(text)}: ${problem}; write kernel://service[@domain][/interface][?label=value]`,
  )
}
