import type { Match, NetworkService, NetworkServiceEndpoint } from "@nsm/api"
import { type Labels, type Misfit, selector } from "./selector.ts"

/** Who asks for which network service, and who provides it. */
export interface Question {
  readonly service: NetworkService
  /** All that provide the service. */
  readonly endpoints: readonly NetworkServiceEndpoint[]
  /** The client's labels. */
  readonly labels: Labels
}

/** An endpoint that the rules allow. */
export interface Allowed {
  readonly endpoint: NetworkServiceEndpoint
  /** Its share among those that are allowed: the sum of its routes' weights, of which 0 counts 1. */
  readonly weight: number
}

/** What became of a match rule. */
export interface RuleVerdict {
  /**
   * `source-differs`: it is for other clients. `fell-through`: it leads to nobody, and leaves it to
   * the next ones. `applied`: it decides, even where it leads to nobody. `not-reached`: another has
   * decided before.
   */
  readonly verdict: "source-differs" | "fell-through" | "applied" | "not-reached"
  /** The label that the client lacks. */
  readonly misfit?: Misfit
  /** Whom its routes do not lead to, and why: one for each endpoint and route. */
  readonly refused: readonly Refusal[]
}

/** Why a route does not lead to an endpoint. */
export interface Refusal {
  readonly endpoint: string
  readonly misfit: Misfit
}

/** Who is allowed by the match rules, and what each rule said. */
export interface Ruled extends Question {
  /** In the order of the deciding rule's routes, everybody once. */
  readonly allowed: readonly Allowed[]
  /** One verdict for each rule of the service. */
  readonly rules: readonly RuleVerdict[]
}

/**
 * Applies a network service's match rules: the first rule that fits the client decides, unless it
 * leads to nobody and says `fallthrough`. Without rules everybody is allowed.
 */
export function applyRules(question: Question): Ruled {
  const { service, endpoints, labels } = question
  const all = endpoints.map((endpoint) => ({ endpoint, weight: 1 }))
  if (service.matches.length === 0) return { ...question, allowed: merged(all), rules: [] }
  const rules: RuleVerdict[] = []
  for (const match of service.matches) {
    const misfit = selector(match.sourceSelector, labels)(labels)
    if (misfit) {
      rules.push({ verdict: "source-differs", misfit, refused: [] })
      continue
    }
    const { found, refused } = follow(match, question)
    const isNobody = found.length === 0
    const verdict = isNobody && match.fallthrough ? "fell-through" : "applied"
    rules.push({ verdict, refused })
    if (verdict === "fell-through") continue
    const isOpen = isNobody && match.metadata !== undefined && match.routes.length === 0
    return { ...question, allowed: merged(isOpen ? all : found), rules: padded(rules, question) }
  }
  return { ...question, allowed: [], rules }
}

/** Whom the routes of a rule lead to. */
function follow(
  { routes }: Match,
  { service, endpoints, labels }: Question,
): { found: readonly Allowed[]; refused: readonly Refusal[] } {
  const [found, refused]: [Allowed[], Refusal[]] = [[], []]
  for (const { destinationSelector, weight } of routes) {
    const misfitOf = selector(destinationSelector, labels)
    for (const endpoint of endpoints) {
      const misfit = misfitOf(labelsFor(service.name, endpoint) ?? {})
      if (misfit) refused.push({ endpoint: endpoint.name, misfit })
      else found.push({ endpoint, weight: weight || 1 })
    }
  }
  return { found, refused }
}

/** Each endpoint once, where it comes first, with all its weights. */
function merged(all: readonly Allowed[]): readonly Allowed[] {
  const weights = new Map<string, Allowed>()
  for (const { endpoint, weight } of all) {
    const known = weights.get(endpoint.name)
    weights.set(
      endpoint.name,
      known ? { ...known, weight: known.weight + weight } : { endpoint, weight },
    )
  }
  return [...weights.values()]
}

function padded(rules: readonly RuleVerdict[], { service }: Question): readonly RuleVerdict[] {
  const left = service.matches.slice(rules.length)
  return [...rules, ...left.map(() => ({ verdict: "not-reached", refused: [] }) as const)]
}

/** The labels under which an endpoint provides a network service. */
export function labelsFor(service: string, endpoint: NetworkServiceEndpoint): Labels | undefined {
  return endpoint.networkServiceLabels[service]?.labels
}
