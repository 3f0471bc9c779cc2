import { NsmError } from "./errors.ts"

/**
 * One step of a chain: given what comes next, it answers some of the service's calls.
 * Calls that it leaves out pass through.
 *
 * @example
 * const nap = element<NetworkService>("nap", (next) => ({
 *   async request(request, call) {
 *     await sleep(call.clock, 100, call.signal)
 *     return next.request(request, call)
 *   },
 * }))
 */
export interface Element<S extends object> {
  readonly name: string
  /** The steps inside, in order, for elements that are made of others. */
  readonly parts?: readonly Element<S>[]
  wrap(next: S): Partial<S>
}

/** Names a step. `parts` are branches that the step binds itself; they only show in the outline. */
export function element<S extends object>(
  name: string,
  wrap: (next: S) => Partial<S>,
  parts?: readonly Element<S>[],
): Element<S> {
  return parts ? { name, wrap, parts } : { name, wrap }
}

/**
 * Runs the parts in order. The first is outermost: a list reads in the order in which a request
 * meets it, and answers come back from the bottom up. A chain is itself an element, so chains nest.
 */
export function chain<S extends object>(name: string, ...elements: Element<S>[]): Element<S> {
  const parts: readonly Element<S>[] = [...elements]
  return {
    name,
    parts,
    wrap: (next) => parts.reduceRight((inner, part) => bind(part, inner), next),
  }
}

/** Puts a step in front of a service; errors that leave the step say its name. */
export function bind<S extends object>(part: Element<S>, next: S): S {
  const answered = Object.entries(part.wrap(next)).map(([method, run]) => [
    method,
    run === next[method as keyof S] ? run : named(part.name, run as Method),
  ])
  return { ...next, ...(Object.fromEntries(answered) as Partial<S>) }
}

/** The chain as an indented list, for a log line, a document or a test. */
export function outline<S extends object>({ name, parts = [] }: Element<S>, indent = ""): string {
  return [indent + name, ...parts.map((part) => outline(part, `${indent}  `))].join("\n")
}

type Method = (...args: never[]) => Promise<unknown> | AsyncIterable<unknown>

function named(name: string, run: Method): Method {
  return (...args) => {
    try {
      const answer = run(...args)
      return answer instanceof Promise
        ? answer.catch((reason: unknown) => {
            throw NsmError.from(reason).inElement(name)
          })
        : answer
    } catch (reason) {
      throw NsmError.from(reason).inElement(name)
    }
  }
}
