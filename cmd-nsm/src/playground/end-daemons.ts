import type { Daemon } from "./daemon.ts"
import type { Step } from "./grow.ts"
import type { DaemonStatus } from "./status.ts"
import { together } from "./together.ts"
import { settledWires } from "./wires.ts"

/** How processes are ended, and who hears of it. */
export interface EndDaemonsOptions {
  /** Whether they are killed instead of asked. */
  readonly byForce: boolean
  readonly step: Step
}

/** Ends processes, all at the same time, and leaves them down. */
export async function killDaemons(
  daemons: readonly Daemon[],
  { byForce, step }: EndDaemonsOptions,
): Promise<readonly DaemonStatus[]> {
  await together(daemons, async (daemon) => {
    await daemon.end({ byForce })
    step(`${daemon.name} is down`)
  })
  return await together(daemons, (daemon) => daemon.status())
}

/** Ends processes that are not down, all at the same time, and then starts them again. */
export async function restartDaemons(
  daemons: readonly Daemon[],
  { byForce, step, clients }: EndDaemonsOptions & { readonly clients: readonly Daemon[] },
): Promise<readonly DaemonStatus[]> {
  await together(daemons, (daemon) => daemon.end({ byForce }))
  for (const daemon of daemons) daemon.start()
  await together(daemons, async (daemon) => {
    await daemon.ready()
    if (clients.includes(daemon)) await settledWires(daemon)
    step(`${daemon.name} runs again`)
  })
  return await together(daemons, (daemon) => daemon.status())
}
