import { ask } from "../session/control.ts"
import { sessionDirectory } from "../session/directory.ts"
import type { Context } from "./command.ts"

/** Takes workloads or nodes out of a playground that is up. */
export async function remove(
  from: string,
  names: readonly string[],
  { progress }: Pick<Context, "progress">,
): Promise<void> {
  await ask(sessionDirectory(from), "remove", { names }, progress.step)
}
