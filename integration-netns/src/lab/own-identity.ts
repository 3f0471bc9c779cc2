import {
  type AuthorizeAnswerOptions,
  type GrpcTransportOptions,
  identified,
  type IdentitySource,
  loadPolicies,
  policies,
  silentLog,
  systemClock,
  unsignedTokens,
  verifiedTokens,
} from "@nsm/sdk"

/** Who this process is to the processes of a lab. */
export interface OwnIdentity extends AsyncDisposable {
  /** For gRPC transports. */
  readonly connections: Pick<GrpcTransportOptions, "security" | "tokens">
  /** What answers have to obey; undefined where there are no identities. */
  readonly policies?: AuthorizeAnswerOptions
  readonly source?: IdentitySource
}

/** The policies of cmd-nsc. */
const clientPolicies = ["common", "client"].map((folder) => `etc/nsm/opa/${folder}/.*.rego`)

/** How long an authority may take. */
const patienceMs = 10_000

/** Has the Workload API say who this process is, as any program may; nobody without a URL. */
export async function ownIdentity(url: string | undefined): Promise<OwnIdentity> {
  if (url === undefined) {
    return { connections: { tokens: unsignedTokens() }, [Symbol.asyncDispose]: async () => {} }
  }
  await using undo = new AsyncDisposableStack()
  const me = undo.use(await identified({ url, signal: AbortSignal.timeout(patienceMs) }))
  const from = { clock: systemClock, log: silentLog }
  const loaded = undo.use(await loadPolicies(clientPolicies, from))
  const answers = policies({
    ...{ point: "client", policies: loaded.policies, verifier: verifiedTokens() },
  })
  const { connections, source } = me
  const kept = undo.move()
  return {
    ...{ connections, source, policies: { answers } },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}
