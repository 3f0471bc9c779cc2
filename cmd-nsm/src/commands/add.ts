import type { Addition } from "../playground/grow.ts"
import type { WireStatus } from "../playground/status.ts"
import { ask } from "../session/control.ts"
import { sessionDirectory } from "../session/directory.ts"
import type { Context } from "./command.ts"
import { refuseMissing } from "./missing-wires.ts"

/** Adds to a playground that is up. */
export async function add(
  to: string,
  /** Fields that are left out get their defaults there. */
  addition: { readonly [List in keyof Addition]: readonly object[] },
  { progress }: Pick<Context, "progress">,
): Promise<void> {
  const directory = sessionDirectory(to)
  refuseMissing(await ask<WireStatus[]>(directory, "add", addition, progress.step))
}
