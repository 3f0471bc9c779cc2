import {
  type AuthorizeAnswerOptions,
  type GrpcTransportOptions,
  type IdentitySource,
  loadPolicies,
  mutualTls,
  policies,
  signedTokens,
  silentLog,
  systemClock,
  unsignedTokens,
  verifiedTokens,
  workloadApi,
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
  await using opening = new AsyncDisposableStack()
  const source = opening.use(workloadApi({ url }))
  await source.first(AbortSignal.timeout(patienceMs))
  const loaded = opening.use(
    await loadPolicies(clientPolicies, { clock: systemClock, log: silentLog }),
  )
  const answers = policies({
    ...{ point: "client", verifier: verifiedTokens() },
    policies: loaded.policies,
  })
  const opened = opening.move()
  return {
    connections: { security: mutualTls({ source }), tokens: signedTokens({ source }) },
    policies: { answers },
    source,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}
