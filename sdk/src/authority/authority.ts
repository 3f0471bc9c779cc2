import type { X509Certificate } from "node:crypto"
import { type Clock, systemClock } from "../core/clock.ts"
import { NsmError } from "../core/errors.ts"
import { type Log, silentLog } from "../core/log.ts"
import type { X509Svid } from "../identity/identity.ts"
import { isTrustDomain, parseSpiffeId } from "../identity/spiffe-id.ts"
import { Listeners } from "../tools/listeners.ts"
import { type Issuer, issueSvid, makeRoot } from "./issuer.ts"
import { endOf, isShared, newest, signerAt, successorDueAt } from "./rotation.ts"

/** Says who is who in a trust domain. */
export interface Authority extends Disposable {
  readonly trustDomain: string
  /** What others have to believe: the roots, those included that do not sign yet, or no more. */
  readonly bundle: readonly X509Certificate[]
  /** With what certificates are signed now. */
  readonly issuer: Issuer
  /**
   * Issues below a shared root from now on, and never again below one of its own; the roots from
   * before stay believed until they end.
   */
  adopt(issuer: Issuer): Promise<void>
  /** Issues an X.509-SVID for an id of the trust domain. */
  issue(id: string): Promise<X509Svid>
  /** Calls `listener` whenever the bundle has changed, until it is disposed. */
  onChange(listener: () => void): Disposable
}

/** What an authority is made of. */
export interface AuthorityOptions {
  readonly trustDomain: string
  /** @default systemClock */
  readonly clock?: Clock
  /** @default silentLog */
  readonly log?: Log
  /** How long what it issues is valid. @default 1 hour */
  readonly svidLifetimeMs?: number
  /** How long a root is valid; half of it before its end, the next one is made. @default 1 year */
  readonly rootLifetimeMs?: number
  /** What it had before it was started anew. @default a new root */
  readonly issuers?: readonly Issuer[]
  /** Keeps the issuers for the next start; nothing is signed with one that is not kept. */
  readonly keep?: (issuers: readonly Issuer[]) => Promise<void>
}

/** Starts an authority. It makes new roots in time, until it is disposed. */
export async function createAuthority(options: AuthorityOptions): Promise<Authority> {
  if (!isTrustDomain(options.trustDomain)) {
    throw new NsmError(
      "INVALID_CONFIGURATION",
      `"${options.trustDomain}" is no trust domain: write lower-case letters, digits, ".", "-" and "_"`,
    )
  }
  const authority = new RotatingAuthority(options)
  await authority.turn()
  return authority
}

/** Pause after a root could not be kept. */
const retryMs = 60_000

class RotatingAuthority implements Authority {
  readonly trustDomain: string
  readonly #options: Required<Omit<AuthorityOptions, "trustDomain" | "issuers">>
  #issuers: readonly Issuer[]
  readonly #listeners = new Listeners()
  #timer: Disposable | undefined
  #isOver = false

  constructor({
    trustDomain,
    issuers = [],
    clock = systemClock,
    log = silentLog,
    svidLifetimeMs = 3_600_000,
    rootLifetimeMs = 365 * 24 * 3_600_000,
    keep = async () => {},
  }: AuthorityOptions) {
    this.trustDomain = trustDomain
    this.#options = { clock, log, svidLifetimeMs, rootLifetimeMs, keep }
    this.#issuers = issuers
  }

  get bundle(): readonly X509Certificate[] {
    const now = this.#options.clock.now()
    const roots = this.#issuers.filter((issuer) => endOf(issuer) > now).map(({ root }) => root)
    return roots.filter(
      (root, index) => index === roots.findIndex(({ raw }) => raw.equals(root.raw)),
    )
  }

  get issuer(): Issuer {
    const issuer = signerAt(this.#issuers, this.#options.clock.now())
    if (issuer) return issuer
    throw new NsmError(
      "IDENTITY_MISSING",
      `the authority of ${this.trustDomain} has no certificate that is still valid to issue with`,
      { remedy: "Have the shared root sign its request anew: nsm trust csr, nsm trust sign." },
    )
  }

  async issue(id: string): Promise<X509Svid> {
    const { trustDomain } = parseSpiffeId(id)
    if (trustDomain !== this.trustDomain) {
      throw new NsmError(
        "INVALID_REQUEST",
        `${id} is not of the trust domain ${this.trustDomain}: its own authority has to issue it`,
      )
    }
    const { clock, svidLifetimeMs: lifetimeMs } = this.#options
    return await issueSvid(this.issuer, { id, now: clock.now(), lifetimeMs })
  }

  async adopt(issuer: Issuer): Promise<void> {
    const isKnown = this.#issuers.some(({ certificate }) =>
      certificate.raw.equals(issuer.certificate.raw),
    )
    if (isKnown) return
    this.#timer?.[Symbol.dispose]()
    await this.#replace([...this.#issuers, issuer])
    await this.turn()
  }

  onChange(listener: () => void): Disposable {
    return this.#listeners.add(listener)
  }

  [Symbol.dispose](): void {
    this.#isOver = true
    this.#timer?.[Symbol.dispose]()
  }

  /** Lets go of roots that have ended, makes the next one if it is due, and waits for what is next. */
  async turn(): Promise<void> {
    const { clock, rootLifetimeMs: lifetimeMs } = this.#options
    const now = clock.now()
    const lastShared = newest(this.#issuers.filter(isShared))
    const living = this.#issuers.filter((issuer) => endOf(issuer) > now || issuer === lastShared)
    const last = newest(living)
    const isDue = !lastShared && (!last || successorDueAt(last) <= now)
    const issuers = isDue
      ? [...living, await makeRoot(this.trustDomain, { now, lifetimeMs })]
      : living
    const isSame =
      issuers.length === this.#issuers.length && issuers.at(-1) === this.#issuers.at(-1)
    if (!isSame) await this.#replace(issuers)
    const due = lastShared ? [] : issuers.map(successorDueAt)
    this.#wait(Math.min(...[...issuers.map(endOf), ...due].filter((at) => at > now)) - now)
  }

  async #replace(issuers: readonly Issuer[]): Promise<void> {
    await this.#options.keep(issuers)
    this.#issuers = issuers
    const roots = this.bundle.length
    this.#options.log.info("roots changed", { trustDomain: this.trustDomain, roots })
    this.#listeners.tell()
  }

  #wait(ms: number): void {
    if (this.#isOver || ms === Infinity) return
    this.#timer = this.#options.clock.schedule(ms, () => {
      this.turn().catch((error: unknown) => {
        this.#options.log.error("roots could not be renewed, trying again", { error })
        this.#wait(retryMs)
      })
    })
  }
}
