import { createKey } from "../../core/key.ts"

/** Starts events for one entry from inside the chain; each runs the chain from `begin` on. */
export interface RegistrationEvents {
  /** Repeats the last registration, without its expiration time; joins one that is under way. */
  register(): Promise<void>
  /** Takes the entry out, unless `isStillDue` says by then that it need not. */
  unregister(isStillDue?: () => boolean): Promise<void>
}

/** The events of the entry that a call is about. Set by `begin`. */
export const registrationEvents = createKey<RegistrationEvents | undefined>(
  "registration-events",
  undefined,
)

/** Whether a registration only repeats the last one, as events do. Set by `begin`. */
export const isRenewal = createKey<boolean>("is-renewal", false)
