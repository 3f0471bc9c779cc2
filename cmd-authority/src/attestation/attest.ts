import { type Call, type Credentials, NsmError } from "@nsm/sdk"
import type { Attestor } from "@nsm/sdk/authority"
import type { Selectors } from "../entries/entry.ts"
import type { Entries } from "../entries/follow-entries.ts"
import { inodeOf, type ProcessFacts, processFacts } from "./process-facts.ts"

/** By what processes are told apart. */
export interface AttestOptions {
  readonly trustDomain: string
  readonly entries: Pick<Entries, "current" | "onChange">
  /** @default processFacts */
  readonly factsOf?: (credentials: Credentials) => Promise<ProcessFacts>
}

/**
 * Tells processes apart by what the kernel says of them: the first entry that fits gives the id, and
 * where none does, the user and the name that the process was started with. A connection stays what
 * its process was when it called first, whatever that runs by then.
 */
export function attest({ trustDomain, entries, factsOf = processFacts }: AttestOptions): Attestor {
  const known = new WeakMap<Credentials, Promise<ProcessFacts>>()
  return {
    async idOf({ peer }: Call) {
      const credentials = peer?.credentials
      if (!credentials) {
        throw new NsmError(
          "PERMISSION_DENIED",
          `no kernel says who calls from ${peer?.address ?? "there"}: call by the authority's unix socket`,
        )
      }
      const asked = known.get(credentials) ?? factsOf(credentials)
      known.set(credentials, asked)
      const facts = await asked
      for (const entry of entries.current) if (await fits(entry.selectors, facts)) return entry.id
      return defaultId(trustDomain, facts)
    },
    onChange: (listener) => entries.onChange(listener),
  }
}

async function fits({ netns, ...rest }: Selectors, facts: ProcessFacts): Promise<boolean> {
  const isSame = (Object.entries(rest) as [keyof typeof rest, unknown][]).every(
    ([name, wanted]) => facts[name] === wanted,
  )
  if (!isSame || netns === undefined) return isSame
  const wanted = await inodeOf(netns)
  return wanted !== undefined && wanted.dev === facts.netns?.dev && wanted.ino === facts.netns.ino
}

function defaultId(trustDomain: string, { uid, name }: ProcessFacts): string {
  const segment = name.replaceAll(/[^A-Za-z0-9._-]/g, "_").slice(0, 255)
  const isName = !/^\.{0,2}$/.test(segment)
  return `spiffe://${trustDomain}/uid/${uid}/${isName ? segment : "unnamed"}`
}
